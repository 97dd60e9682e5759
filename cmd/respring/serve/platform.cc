#include "respring/serve/platform.h"

#include "local/cache.h"
#include "local/event_bus.h"
#include "local/presence.h"
#include "local/pub_sub.h"
#include "local/rate_limiter.h"
#include "local/search_index.h"
#include "sqlite/connection.h"
#include "store/inspect.h"
#include "store/map_store.h"
#include "store/migrations.h"
#include "store/room_directory.h"
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
  return error;
}

Result<std::unique_ptr<store::RoomLog>> open_log(const Settings& settings, const DataDir& dir,
                                                 const Clock& clock, chat::EventBus* bus) {
  store::RoomLog::Options options;
  for (const ShardSettings& shard : settings.stores.shards) {
    options.shards.push_back({shard.name, connector_of(dir, shard.dsn)});
  }
  auto map = map_of(settings, dir);
  if (!map) return in("shard map", map.error());
  options.map = std::move(map).value();
  options.clock = &clock;
  options.bus = bus;
  auto log = store::RoomLog::open(std::move(options));
  if (!log) return in("room logs", log.error());
  return std::move(log).value();
}

}  // namespace

sql::Result<shardmap::ShardMap> map_of(const Settings& settings, const DataDir& dir) {
  std::vector<std::string> names;
  for (const ShardSettings& shard : settings.stores.shards) names.push_back(shard.name);
  RESPRING_TRY(const auto meta, connector_of(dir, settings.stores.meta)());
  RESPRING_TRYV(store::migrate(*meta, store::built_in_migrations("meta")));
  return store::load_or_create_map(*meta, names);
}

bool search_is_lost(const Platform& platform, const Settings& settings, const DataDir& dir) {
  const auto found = platform.index->count(RoomId{});
  if (!found || found.value() > 0) return false;
  const auto lag = platform.bus->lag("search-index", chat::kRoomEventsTopic);
  if (lag && lag.value() > 0) return false;
  for (const ShardSettings& shard : settings.stores.shards) {
    const auto connection = connector_of(dir, shard.dsn)();
    if (!connection) continue;
    const auto waiting = store::outbox_state(*connection.value());
    if (waiting && waiting.value().rows > 0) return false;
    const auto any = store::has_messages(*connection.value());
    if (any && any.value()) return true;
  }
  return false;
}

sql::Connect connector_of(const DataDir& dir, const std::string& dsn) {
  sqlite::Options options;
  options.path = dir.file_of(dsn).string();
  return sqlite::connector(std::move(options));
}

sql::Result<sql::Connect> migrated(const DataDir& dir, const std::string& dsn,
                                   std::string_view set) {
  auto connect = connector_of(dir, dsn);
  RESPRING_TRY(const auto connection, connect());
  RESPRING_TRYV(store::migrate(*connection, store::built_in_migrations(set)));
  return connect;
}

Result<std::unique_ptr<Platform>> Platform::open(const Settings& settings, const DataDir& dir) {
  auto p = std::make_unique<Platform>();
  RESPRING_TRY(const chat::CursorSeal::Key key, dir.cursor_key());
  p->seal = std::make_unique<chat::CursorSeal>(key);
  p->io = std::make_unique<async::IoPool>(static_cast<std::size_t>(settings.io_threads));
  async::BlockingPool::Options passwords{.name = "passwords"};
  passwords.threads = static_cast<std::size_t>(settings.auth.password_pool_threads);
  passwords.queue_limit = static_cast<std::size_t>(settings.auth.password_queue);
  passwords.on_refused = [counter = metrics::counter("respring_pool_refused_total",
                                                     {{"pool", "passwords"}})] { counter.add(); };
  p->passwords = std::make_unique<async::BlockingPool>(std::move(passwords));
  p->pub_sub = local::make_pub_sub();
  p->cache = local::make_cache();
  p->presence = local::make_presence();
  p->limiter = local::make_rate_limiter();

  auto bus_database = migrated(dir, kBusDatabase, "bus");
  if (!bus_database) return in("event bus", bus_database.error());
  auto bus = local::EventBus::open({.connect = std::move(bus_database).value()});
  if (!bus) return in("event bus", bus.error());
  p->bus = std::move(bus).value();
  auto users = store::UserStore::open(
      {.connect = connector_of(dir, settings.stores.user), .clock = &p->clock});
  if (!users) return in("users", users.error());
  p->users = std::move(users).value();
  auto directory = store::RoomDirectory::open(
      {.connect = connector_of(dir, settings.stores.room), .clock = &p->clock});
  if (!directory) return in("room directory", directory.error());
  p->directory = std::move(directory).value();
  auto index = migrated(dir, kSearchDatabase, "search");
  if (!index) return in("search index", index.error());
  RESPRING_TRY(p->index, local::open_search_index({.connect = std::move(index).value()}));
  RESPRING_TRY(p->log, open_log(settings, dir, p->clock, p->bus.get()));
  return p;
}

void Platform::stop() {
  if (log) log->stop();
  if (passwords) passwords->stop();
}

Platform::~Platform() {
  stop();
  // Coroutines that are still under way end on the I/O threads, before what they use goes away.
  if (io) io->stop();
}

}  // namespace respring::cmd
