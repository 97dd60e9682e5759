#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Structured logs on stderr. A line is an event: a stable code that tools can match
/// (`shard.batch_failed`) and fields. Safe from any thread; a line below the level costs a
/// comparison. Never log a secret or what people write to each other.
///
///   log::warn("shard.batch_failed", {{"shard", name}, {"rows", rows}, {"error", text}});
namespace respring::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };
enum class Format : std::uint8_t { automatic, json, pretty };  ///< automatic: pretty on a terminal

/// A name and a value that is text, a number or a truth. Borrows both for the call.
class Field {
 public:
  enum class Kind : std::uint8_t { text, integer, real, boolean };

  Field(std::string_view key, std::string_view value) : name(key), kind(Kind::text), text(value) {}
  Field(std::string_view key, const char* value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, const std::string& value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, bool value) : name(key), kind(Kind::boolean), integer(value) {}
  Field(std::string_view key, double value) : name(key), kind(Kind::real), real(value) {}
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
      Field(std::string_view key, Integer value)
      : name(key), kind(Kind::integer), integer(static_cast<std::int64_t>(value)) {}

  std::string_view name;
  Kind kind;
  std::string_view text{};
  std::int64_t integer = 0;
  double real = 0;
};

using Fields = std::initializer_list<Field>;

/// Sets level and format of the process; may be called again (reload).
void configure(Level level, Format format);
void set_level(Level level);
Level level();
std::optional<Level> level_named(std::string_view name);    ///< trace debug info warn error off
std::optional<Format> format_named(std::string_view name);  ///< auto json pretty

bool enabled(Level level);
void write(Level level, std::string_view event, Fields fields);

inline void trace(std::string_view event, Fields fields = {}) {
  if (enabled(Level::trace)) write(Level::trace, event, fields);
}
inline void debug(std::string_view event, Fields fields = {}) {
  if (enabled(Level::debug)) write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  if (enabled(Level::info)) write(Level::info, event, fields);
}
inline void warn(std::string_view event, Fields fields = {}) {
  if (enabled(Level::warn)) write(Level::warn, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  if (enabled(Level::error)) write(Level::error, event, fields);
}

/// Returns when every line logged before is written; waits for whoever reads stderr. Other threads
/// may log meanwhile: their lines arrive, too, before or after those. A thread of the log writes
/// lines a moment after they were logged; what is left of them is written when the process exits,
/// and what is logged from then on at once.
void flush();

/// One line as it would be written, without a newline; for tests and for /admin. `time` is
/// RFC 3339.
std::string format_json(std::string_view time, Level level, std::string_view event, Fields fields);
std::string format_pretty(std::string_view time, Level level, std::string_view event, Fields fields,
                          bool colour);

}  // namespace respring::log
