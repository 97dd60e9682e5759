#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace respring::redis {

/// The present for lives and rates. Empty, as it should be outside of tests: the server's own
/// clock, which is the same for every node.
using ServerTime = std::function<std::chrono::microseconds()>;

/// The argument of a script that begins with kNowInScript: microseconds, or empty text.
inline std::string now_argument(const ServerTime& time) {
  return time ? std::to_string(time().count()) : std::string();
}

inline constexpr const char* kNowInScript = R"(
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
)";

}  // namespace respring::redis
