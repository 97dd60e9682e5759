#include "respring/serve/shared_state.h"

#include "local/cache.h"
#include "local/presence.h"
#include "local/pub_sub.h"
#include "local/rate_limiter.h"
#include "local/recent_events.h"
#include "local/shared_sessions.h"
#include "redis/cache.h"
#include "redis/presence.h"
#include "redis/pub_sub.h"
#include "redis/rate_limiter.h"
#include "redis/recent_events.h"
#include "redis/shared_sessions.h"
#include "respring/backends.h"

namespace respring::cmd {
namespace {

class Parts {
 public:
  Parts(Platform& platform, const RedisSettings& settings, const RoleSet& roles)
      : p_(platform), s_(settings), roles_(roles) {}
  Result<void> everything();

 private:
  Result<void> pub_sub();
  Result<void> presence();
  Result<void> recent();
  Result<void> cache();
  Result<void> limiter();
  Result<std::shared_ptr<redis::Client>> redis_client(std::string use, const std::string& url);
  asio::any_io_executor loop() { return p_.io->at(0).get_executor(); }

  Platform& p_;
  const RedisSettings& s_;
  const RoleSet& roles_;
};

Result<void> Parts::everything() {
  if (roles_.has_any({Role::user, Role::message, Role::websocket})) {
    RESPRING_TRYV(pub_sub());
  }
  if (roles_.has(Role::websocket)) {
    RESPRING_TRYV(presence());
  }
  if (roles_.has_any({Role::message, Role::websocket})) {
    RESPRING_TRYV(recent());
  }
  if (roles_.has_any({Role::user, Role::gateway, Role::websocket})) {
    RESPRING_TRYV(cache());
  }
  if (roles_.has_any({Role::gateway, Role::user, Role::websocket})) {
    RESPRING_TRYV(limiter());
  }
  return success();
}

Result<void> Parts::pub_sub() {
  if (s_.pubsub == "local") {
    p_.pub_sub = local::make_pub_sub();
    return success();
  }
  RESPRING_TRY(auto options, redis_of(s_, "pubsub", s_.pubsub, loop()));
  auto pub_sub = redis::make_pub_sub(std::move(options));
  p_.checks.emplace_back("redis pubsub", [raw = pub_sub.get()] { return raw->status(); });
  p_.pub_sub = std::move(pub_sub);
  return success();
}

Result<void> Parts::presence() {
  if (s_.pubsub == "local") {
    p_.presence = local::make_presence();
    return success();
  }
  RESPRING_TRY(auto client, redis_client("presence", s_.pubsub));
  p_.presence = redis::make_presence(std::move(client));
  return success();
}

Result<void> Parts::recent() {
  if (s_.pubsub == "local") {
    p_.recent = local::make_recent_events();
    return success();
  }
  RESPRING_TRY(auto client, redis_client("recent", s_.pubsub));
  p_.recent = redis::make_recent_events(std::move(client));
  return success();
}

/// Tickets are the user role's affair alone; sessions are looked up by all who let people in.
Result<void> Parts::cache() {
  if (s_.sessions == "local") {
    if (!roles_.has(Role::user)) return success();
    p_.cache = local::make_cache();
    p_.shared_sessions = local::make_shared_sessions();
    return success();
  }
  RESPRING_TRY(auto client, redis_client("sessions", s_.sessions));
  p_.shared_sessions = redis::make_shared_sessions(client);
  if (roles_.has(Role::user)) p_.cache = redis::make_cache(std::move(client));
  return success();
}

Result<void> Parts::limiter() {
  if (s_.limits == "local") {
    p_.limiter = local::make_rate_limiter();
    return success();
  }
  RESPRING_TRY(auto client, redis_client("limits", s_.limits));
  p_.limiter = redis::make_rate_limiter(std::move(client), local::make_rate_limiter());
  return success();
}

Result<std::shared_ptr<redis::Client>> Parts::redis_client(std::string use,
                                                           const std::string& url) {
  RESPRING_TRY(auto options, redis_of(s_, use, url, loop()));
  auto client = std::make_shared<redis::Client>(std::move(options));
  p_.checks.emplace_back("redis " + use, [client] { return client->status(); });
  return client;
}

}  // namespace

Result<void> open_shared_state(Platform& platform, const RedisSettings& settings,
                               const RoleSet& roles) {
  return Parts(platform, settings, roles).everything();
}

}  // namespace respring::cmd
