#include "respring/serve/platform.h"

#include <sodium.h>
#include <unistd.h>

#include <array>

#include "elasticsearch/search_index.h"
#include "kafka/event_bus.h"
#include "local/event_bus.h"
#include "local/search_index.h"
#include "respring/serve/shared_state.h"
#include "store/inspect.h"
#include "store/map_store.h"
#include "store/move_records.h"
#include "store/room_directory.h"
#include "store/settle.h"
#include "store/user_store.h"
#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

/// Names the part that failed, as the operator knows it.
Error in(std::string_view part, const sql::Failure& failure) {
  Error error = failure;
  error.detail = std::string(part) + ": " + failure.detail;
  if (failure.code == sql::Errc::newer_schema || failure.code == sql::Errc::changed_schema ||
      part == "shard map") {
    error.code = ErrorCode::conflict;
  }
  if (failure.code == sql::Errc::unavailable) error.code = ErrorCode::upstream_unavailable;
  return error;
}

Error in(std::string_view part, Error error) {
  error.detail = std::string(part) + ": " + error.detail;
  return error;
}

/// Opens the parts one after the other.
class Opening {
 public:
  Opening(Platform& platform, const Settings& settings, const DataDir& dir, const RoleSet& roles)
      : p_(platform), s_(settings), dir_(dir), roles_(roles) {}

  Result<void> everything() {
    RESPRING_TRYV(threads());
    RESPRING_TRYV(open_shared_state(p_, s_.redis, roles_));
    if (roles_.has_any({Role::room, Role::message, Role::search})) {
      RESPRING_TRYV(bus());
    }
    if (roles_.has(Role::user)) {
      RESPRING_TRYV(users());
    }
    if (roles_.has(Role::room)) {
      RESPRING_TRYV(directory());
    }
    if (roles_.has(Role::search)) {
      RESPRING_TRYV(index());
    }
    if (roles_.has(Role::message)) {
      RESPRING_TRYV(log());
    }
    return success();
  }

 private:
  Result<void> threads();
  Result<chat::CursorSeal::Key> cursor_key() const;
  Result<void> bus();
  Result<void> users();
  Result<void> directory();
  Result<void> index();
  void follow_map(store::RoomLog::Options& options);
  Result<void> log();
  void check(std::string name, std::function<health::Status()> status) {
    p_.checks.emplace_back(std::move(name), std::move(status));
  }

  Platform& p_;
  const Settings& s_;
  const DataDir& dir_;
  const RoleSet& roles_;
};

/// Nodes of one platform must open each other's cursors.
Result<chat::CursorSeal::Key> Opening::cursor_key() const {
  const std::string& cluster = s_.cluster.key.reveal();
  if (cluster.empty()) return dir_.cursor_key();
  constexpr std::string_view kPurpose = "respring cursors";
  chat::CursorSeal::Key key{};
  crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char*>(cluster.data()),
                     cluster.size(), reinterpret_cast<const unsigned char*>(kPurpose.data()),
                     kPurpose.size());
  return key;
}

// The machine for whoever reads it, and something random: a process may be born again.
std::string node_name() {
  std::array<char, 65> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(host.data()) + "-" + random_token(6);
}

Result<void> Opening::threads() {
  p_.node = node_name();
  RESPRING_TRY(const chat::CursorSeal::Key key, cursor_key());
  p_.seal = std::make_unique<chat::CursorSeal>(key);
  p_.io = std::make_unique<async::IoPool>(static_cast<std::size_t>(s_.io_threads));
  async::BlockingPool::Options passwords{.name = "passwords"};
  passwords.threads = static_cast<std::size_t>(s_.auth.password_pool_threads);
  passwords.queue_limit = static_cast<std::size_t>(s_.auth.password_queue);
  passwords.on_refused = [counter = metrics::counter("respring_pool_refused_total",
                                                     {{"pool", "passwords"}})] { counter.add(); };
  p_.passwords = std::make_unique<async::BlockingPool>(std::move(passwords));
  return success();
}

Result<void> Opening::bus() {
  if (s_.bus == "local") {
    auto database = current(dir_, kBusDatabase, "bus");
    if (!database) return in("event bus", database.error());
    auto bus = local::EventBus::open({.connect = std::move(database).value()});
    if (!bus) return in("event bus", bus.error());
    p_.bus = std::move(bus).value();
    return success();
  }
  RESPRING_TRY(auto options, cluster_of(s_));
  auto bus = kafka::open_event_bus(std::move(options));
  if (!bus) return in("event bus", bus.error());
  check("kafka", [raw = bus.value().get()] { return raw->status(); });
  p_.stop_bus = [raw = bus.value().get()] { raw->stop(); };
  p_.bus = std::move(bus).value();
  return success();
}

Result<void> Opening::users() {
  auto database = current(dir_, s_.stores.user, "user");
  if (!database) return in("users", database.error());
  auto users = store::UserStore::open({.connect = std::move(database).value(), .clock = &p_.clock});
  if (!users) return in("users", users.error());
  p_.users = std::move(users).value();
  return success();
}

Result<void> Opening::directory() {
  auto database = current(dir_, s_.stores.room, "room");
  if (!database) return in("room directory", database.error());
  auto directory =
      store::RoomDirectory::open({.connect = std::move(database).value(), .clock = &p_.clock});
  if (!directory) return in("room directory", directory.error());
  p_.directory = std::move(directory).value();
  return success();
}

Result<void> Opening::index() {
  if (s_.search.url == "local") {
    auto database = current(dir_, kSearchDatabase, "search");
    if (!database) return in("search index", database.error());
    RESPRING_TRY(p_.index, local::open_search_index({.connect = std::move(database).value()}));
    return success();
  }
  RESPRING_TRY(auto options, engine_of(s_));
  auto index = elasticsearch::make_search_index(std::move(options));
  index->watch();
  check("search", [raw = index.get(), others = !roles_.is_only(Role::search)] {
    health::Status status = raw->status();
    if (others && status.state == health::State::failed) status.state = health::State::degraded;
    return status;
  });
  p_.index = std::move(index);
  return success();
}

/// Slots move while this runs: the map is read again, and what is frozen for too long is thawed.
void Opening::follow_map(store::RoomLog::Options& options) {
  std::vector<std::string> names;
  for (const ShardSettings& shard : s_.stores.shards) names.push_back(shard.name);
  auto meta = std::make_shared<sql::Pool>(connector_of(dir_, s_.stores.meta), 2);
  options.newer_map =
      [meta, names](std::int64_t version) -> sql::Result<std::optional<shardmap::ShardMap>> {
    RESPRING_TRY(const auto connection, meta->acquire());
    return store::load_newer_map(*connection, names, version);
  };
  p_.open_moves = [meta]() -> sql::Result<std::vector<shardmap::Move>> {
    constexpr int kMostMoves = 1000;
    RESPRING_TRY(const auto connection, meta->acquire());
    return store::list_moves(*connection, std::nullopt, true, kMostMoves);
  };
  options.settle = [fleet = fleet_of(dir_, s_), clock = &p_.clock](shardmap::Slot slot) {
    return store::thaw_slot(fleet, slot, clock->now());
  };
}

Result<void> Opening::log() {
  store::RoomLog::Options options;
  for (const ShardSettings& shard : s_.stores.shards) {
    auto database = current(dir_, shard.database, "message");
    if (!database) return in(shard.name, database.error());
    options.shards.push_back({shard.name, std::move(database).value()});
  }
  auto map = map_of(s_, dir_);
  if (!map) return in("shard map", map.error());
  options.map = std::move(map).value();
  follow_map(options);
  options.clock = &p_.clock;
  options.bus = p_.bus.get();
  options.node = p_.node;
  RESPRING_TRY(p_.blobs, open_blobs(dir_, s_));
  options.blobs = p_.blobs.get();
  auto log = store::RoomLog::open(std::move(options));
  if (!log) return in("room logs", log.error());
  p_.log = std::move(log).value();
  if (p_.pub_sub) {
    const auto look = [raw = p_.log.get()](const std::shared_ptr<const std::string>&) {
      raw->look_at_map();
    };
    p_.map_news = p_.pub_sub->subscribe(std::string(kMapChannel), look);
  }
  return success();
}

}  // namespace

sql::Result<shardmap::ShardMap> map_of(const Settings& settings, const DataDir& dir) {
  std::vector<std::string> names;
  for (const ShardSettings& shard : settings.stores.shards) names.push_back(shard.name);
  RESPRING_TRY(const auto connect, current(dir, settings.stores.meta, "meta"));
  RESPRING_TRY(const auto meta, connect());
  return store::load_or_create_map(*meta, names);
}

bool search_is_lost(const Platform& platform, const Settings& settings, const DataDir& dir) {
  if (!platform.index || !platform.bus || settings.search.url != "local") return false;
  const auto found = platform.index->count(RoomId{});
  if (!found || found.value() > 0) return false;
  const auto lag = platform.bus->lag("search-index", chat::kRoomEventsTopic);
  if (lag && lag.value() > 0) return false;
  for (const ShardSettings& shard : settings.stores.shards) {
    const auto connection = connector_of(dir, shard.database)();
    if (!connection) continue;
    const auto waiting = store::outbox_state(*connection.value());
    if (waiting && waiting.value().rows > 0) return false;
    const auto any = store::has_messages(*connection.value());
    if (any && any.value()) return true;
  }
  return false;
}

namespace {

std::unique_ptr<SchemaPresence> presence_of(const Platform& platform, const Settings& settings,
                                            const DataDir& dir) {
  std::vector<SchemaPresence::Used> used;
  const auto add = [&](const DatabaseSettings& database, const char* set) {
    if (!is_file(database)) used.push_back({connector_of(dir, database), set});
  };
  if (platform.users) add(settings.stores.user, "user");
  if (platform.directory) add(settings.stores.room, "room");
  if (platform.log) {
    add(settings.stores.meta, "meta");
    for (const ShardSettings& shard : settings.stores.shards) add(shard.database, "message");
  }
  if (used.empty()) return nullptr;
  return std::make_unique<SchemaPresence>(std::move(used), platform.node, platform.clock);
}

}  // namespace

Result<std::unique_ptr<Platform>> Platform::open(const Settings& settings, const DataDir& dir,
                                                 const RoleSet& roles) {
  auto platform = std::make_unique<Platform>();
  RESPRING_TRYV(Opening(*platform, settings, dir, roles).everything());
  platform->schema_presence = presence_of(*platform, settings, dir);
  return platform;
}

void Platform::stop() {
  // What was not published stays in the outbox; a broker that is away must not hold us up.
  if (stop_bus) stop_bus();
  if (log) log->stop();
  schema_presence.reset();
  if (passwords) passwords->stop();
}

Platform::~Platform() {
  stop();
  // Coroutines that are still under way end on the I/O threads, before what they use goes away.
  if (io) io->stop();
}

}  // namespace respring::cmd
