#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The trace context of a request (W3C Trace Context, level 1).
namespace respring::trace {

struct Context {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  bool sampled = false;

  std::string trace_id_text() const;  ///< 32 lower-case hex digits: `trace_id` of problems and logs
  std::string span_id_text() const;
  std::string traceparent() const;  ///< 00-…-…-01
  /// The same trace with a new span: what goes to the next hop.
  Context child() const;
};

/// A new trace with random ids.
Context start(bool sampled = false);

/// Reads a `traceparent` header. Nothing when it is malformed, all zero, upper case or of version
/// ff; a higher version is read as far as version 00 goes.
std::optional<Context> parse_traceparent(std::string_view header);

}  // namespace respring::trace
