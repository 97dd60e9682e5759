#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace respring {

/// A point in time as the API and the databases know it: UTC, whole milliseconds.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_ms(Time t) { return t.time_since_epoch().count(); }
inline Time from_ms(std::int64_t ms) { return Time{std::chrono::milliseconds{ms}}; }

/// RFC 3339 with milliseconds: 2026-11-22T09:12:00.000Z.
std::string to_rfc3339(Time t);

/// Reads RFC 3339 with `Z` or a numeric offset, seconds' fraction optional; a bare date means its
/// first moment in UTC. Nothing when it is not such a text.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Where the core gets the time from, so that tests can set it. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Time now() const override;
};

}  // namespace respring
