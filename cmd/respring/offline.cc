#include "respring/offline.h"

#include "local/cache.h"
#include "local/pub_sub.h"
#include "local/rate_limiter.h"
#include "local/shared_sessions.h"
#include "redis/shared_sessions.h"
#include "respring/serve/platform.h"

namespace respring::cmd {
namespace {

Error named(std::string_view part, const sql::Failure& failure) {
  return internal(std::string(part) + ": " + failure.detail);
}

}  // namespace

Offline::Offline()
    : io_(1),
      passwords_({.name = "passwords", .threads = 1, .queue_limit = 16}),
      pub_sub_(local::make_pub_sub()),
      cache_(local::make_cache()),
      shared_(local::make_shared_sessions()),
      limiter_(local::make_rate_limiter()) {}

Offline::~Offline() {
  if (log_) log_->stop();
  passwords_.stop();
  users_.reset();  // its background work needs the loop
  io_.stop();
}

Result<std::unique_ptr<Offline>> Offline::open(const Site& site) {
  for (const Database& database : databases_of(site.settings)) {
    if (!database.used) continue;
    RESPRING_TRYV(open_current(site.dir, database, true));
  }
  std::unique_ptr<Offline> offline(new Offline);
  offline->io_.start();
  RESPRING_TRYV(offline->open_stores(site));
  RESPRING_TRYV(offline->reach_nodes(site.settings.redis));
  offline->make_services(site);
  return offline;
}

Result<void> Offline::open_stores(const Site& site) {
  const StoreSettings& stores = site.settings.stores;
  auto users =
      store::UserStore::open({.connect = connector_of(site.dir, stores.user), .clock = &clock_});
  if (!users) return named("users", users.error());
  user_store_ = std::move(users).value();
  auto directory = store::RoomDirectory::open(
      {.connect = connector_of(site.dir, stores.room), .clock = &clock_});
  if (!directory) return named("room directory", directory.error());
  directory_ = std::move(directory).value();
  store::RoomLog::Options options;
  for (const ShardSettings& shard : stores.shards)
    options.shards.push_back({shard.name, connector_of(site.dir, shard.database)});
  auto map = map_of(site.settings, site.dir);
  if (!map) return named("shard map", map.error());
  options.map = std::move(map).value();
  options.clock = &clock_;
  RESPRING_TRY(blobs_, open_blobs(site.dir, site.settings));
  options.blobs = blobs_.get();
  auto log = store::RoomLog::open(std::move(options));
  if (!log) return named("room logs", log.error());
  log_ = std::move(log).value();
  return success();
}

Result<void> Offline::reach_nodes(const RedisSettings& settings) {
  if (settings.sessions == "local") return success();
  RESPRING_TRY(auto options,
               redis_of(settings, "sessions", settings.sessions, io_.at(0).get_executor()));
  sessions_client_ = std::make_shared<redis::Client>(std::move(options));
  shared_ = redis::make_shared_sessions(sessions_client_);
  return success();
}

std::optional<std::string> Offline::untold() const {
  if (!sessions_client_) return std::nullopt;
  const health::Status status = sessions_client_->status();
  if (status.state == health::State::ok) return std::nullopt;
  return status.reason;
}

void Offline::make_services(const Site& site) {
  user::Settings settings;
  settings.session_days = site.settings.auth.session_days;
  settings.single_session = site.settings.auth.single_session;
  users_ = std::make_unique<user::UserService>(
      user::Ports{*user_store_, *log_, *cache_, *shared_, *limiter_, *pub_sub_, clock_, passwords_,
                  io_.at(0).get_executor()},
      settings);
  rooms_ = std::make_unique<room::RoomService>(room::Ports{*directory_, *log_, *users_, clock_});
  users_->connect(*rooms_);
}

Result<chat::User> find_user(Offline& offline, const std::string& text) {
  if (text.starts_with("@")) {
    RESPRING_TRY(auto user, offline.run(offline.user_store().by_handle(text.substr(1))));
    if (user) return std::move(*user);
    return not_found("there is no user " + text);
  }
  const auto id = UserId::parse(text);
  if (!id) return invalid("'" + text + "' is neither an id nor a @handle");
  RESPRING_TRY(auto found, offline.run(offline.user_store().users({*id})));
  if (found.empty()) return not_found("there is no user with the id " + text);
  return std::move(found.front());
}

}  // namespace respring::cmd
