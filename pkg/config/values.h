#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What a setting can hold, and how each is written in a file, a variable or a flag.
namespace respring::config {

/// `20/s burst 60`, `10/min` (burst = the count), `off`. A token bucket's parameters.
struct Rate {
  double count = 0;                 ///< events per `per`; 0 with off
  std::chrono::milliseconds per{};  ///< 0 means off: no limit at all
  std::uint32_t burst = 0;

  static Rate per_second(double count, std::uint32_t burst);
  static Rate per_minute(double count);
  bool off() const { return per.count() == 0; }
  /// Tokens that come back each second; 0 when off.
  double tokens_per_second() const;
  bool operator==(const Rate&) const = default;
};

/// A number of things at once, or `off` for no limit.
struct Limit {
  std::optional<std::int64_t> most;
  bool allows(std::int64_t count) const { return !most || count <= *most; }
  bool operator==(const Limit&) const = default;
};

/// `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address), `localhost:0` (a free port).
struct Endpoint {
  std::string host;  ///< empty: every address
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// `64KiB`, `1MiB`, `512` (bytes).
struct Bytes {
  std::int64_t count = 0;
  bool operator==(const Bytes&) const = default;
};

/// A phrase that continues "listen: …", e.g. "is not an address like 127.0.0.1:8080".
struct Wrong {
  std::string why;
};
template <class T>
using Parsed = Result<T, Wrong>;

Parsed<bool> parse_bool(std::string_view text);             ///< true false yes no on off
Parsed<std::int64_t> parse_integer(std::string_view text);  ///< 1000 or 1_000
Parsed<std::chrono::milliseconds> parse_duration(std::string_view text);  ///< 500ms 10s 5m 2h 30d
Parsed<Bytes> parse_bytes(std::string_view text);
Parsed<Rate> parse_rate(std::string_view text);
Parsed<Limit> parse_limit(std::string_view text);
Parsed<Endpoint> parse_endpoint(std::string_view text);

std::string to_text(bool value);
std::string to_text(std::int64_t value);
std::string to_text(std::chrono::milliseconds value);
std::string to_text(const Bytes& value);
std::string to_text(const Rate& value);
std::string to_text(const Limit& value);
std::string to_text(const Endpoint& value);

}  // namespace respring::config
