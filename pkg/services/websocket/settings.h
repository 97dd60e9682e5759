#pragma once

#include <chrono>
#include <cstddef>

#include "chat/ports/rate_limiter.h"

namespace respring::websocket {

/// connections_per_user and the two rates may change while it runs.
struct Settings {
  std::chrono::seconds hello_timeout{5};
  std::chrono::seconds heartbeat{25};
  std::chrono::seconds heads_check{5};  ///< how often the heads of the rooms here are compared
  /// How often the sessions here are asked after: an operator's command on the database is not told
  /// by pub/sub.
  std::chrono::seconds session_check{30};
  std::chrono::seconds send_timeout{10};
  std::chrono::seconds stuck_timeout{30};  ///< a client that takes nothing for so long: 4009
  std::size_t lag_bytes = 256 * 1024;      ///< queued for one client: then events are left out
  std::size_t lag_frames = 2048;
  std::size_t queue_frames = 4096;
  std::size_t queue_bytes = 1024 * 1024;  ///< queued for one client: then it is too slow
  std::size_t requests_in_flight = 256;   ///< unanswered ones of one connection
  std::size_t bad_frames_per_minute = 10;
  std::size_t connections_per_user = 20;  ///< 0: no limit
  chat::RateLimit frames_per_connection{40, 120};
  chat::RateLimit sends_per_user{20, 60};
};

}  // namespace respring::websocket
