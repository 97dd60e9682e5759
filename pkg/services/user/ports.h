#pragma once

#include "async/asio.h"
#include "async/pool.h"
#include "base/time.h"
#include "chat/ports/cache.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/rate_limiter.h"
#include "chat/ports/room_log.h"
#include "chat/ports/shared_sessions.h"
#include "chat/ports/user_store.h"

namespace respring::user {

/// What the user role stands on. Everything is borrowed and must outlive the service.
struct Ports {
  chat::UserStore& users;
  chat::RoomLog& log;  ///< the message role, so that changes are told to who listens
  chat::Cache& cache;
  chat::SharedSessions& shared;
  chat::RateLimiter& limiter;
  chat::PubSub& pub_sub;
  const Clock& clock;
  async::BlockingPool& password_pool;  ///< its size bounds the memory and cores that log-ins take
  asio::any_io_executor background;    ///< for what no request waits for; must run until ~service
};

}  // namespace respring::user
