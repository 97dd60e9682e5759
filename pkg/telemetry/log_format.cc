#include <array>
#include <charconv>

#include "base/json.h"
#include "telemetry/log.h"

namespace respring::log {
namespace {

constexpr std::size_t kLongestText = 4096;

/// Length of the well-formed UTF-8 sequence at the front, 0 when there is none (RFC 3629).
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto follows = [&](std::size_t count) {
    if (s.size() < count) return false;
    for (std::size_t i = 1; i < count; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
    }
    return true;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(2) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    if (!follows(3) || (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F))
      return 0;
    return 3;
  }
  if (first >= 0xF0 && first < 0xF5) {
    if (!follows(4) || (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

/// What is written of a text: valid UTF-8 and not without end.
std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (out.size() + length > kLongestText) return out + "…";
    if (length == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string_view name_of(Level level) {
  constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info",
                                                      "warn",  "error", "off"};
  return kNames.at(static_cast<std::size_t>(level));
}

std::string number(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : "0";
}

/// Quoted when it would otherwise run into its neighbours or move the cursor.
std::string for_people(std::string_view text) {
  const std::string cleaned = clean(text);
  bool plain = !cleaned.empty();
  for (const char c : cleaned) {
    if (c == ' ' || c == '"' || c == '=' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      plain = false;
  }
  return plain ? cleaned : json::dump(json::Value(cleaned));
}

std::string for_people(const Field& field) {
  switch (field.kind) {
    case Field::Kind::text:
      return for_people(field.text);
    case Field::Kind::integer:
      return std::to_string(field.integer);
    case Field::Kind::real:
      return number(field.real);
    case Field::Kind::boolean:
      return field.integer != 0 ? "true" : "false";
  }
  return {};
}

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::warn:
      return "\x1b[33m";
    case Level::error:
      return "\x1b[31m";
    case Level::info:
      return "\x1b[32m";
    default:
      return "\x1b[2m";
  }
}

}  // namespace

std::optional<Level> level_named(std::string_view name) {
  for (const Level level :
       {Level::trace, Level::debug, Level::info, Level::warn, Level::error, Level::off}) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "auto") return Format::automatic;
  if (name == "json") return Format::json;
  if (name == "pretty") return Format::pretty;
  return std::nullopt;
}

std::string format_json(std::string_view time, Level level, std::string_view event, Fields fields) {
  json::Writer out;
  out.begin_object().field("ts", time).field("level", name_of(level)).field("event", event);
  for (const Field& field : fields) {
    out.key(field.name);
    switch (field.kind) {
      case Field::Kind::text:
        out.value(clean(field.text));
        break;
      case Field::Kind::integer:
        out.value(field.integer);
        break;
      case Field::Kind::real:
        out.value(field.real);
        break;
      case Field::Kind::boolean:
        out.value(field.integer != 0);
        break;
    }
  }
  return out.end_object().take();
}

std::string format_pretty(std::string_view time, Level level, std::string_view event, Fields fields,
                          bool colour) {
  // The time of day is what a person watching needs: 09:12:00.123 of RFC 3339.
  const std::string_view clock = time.size() >= 23 ? time.substr(11, 12) : time;
  const auto paint = [colour](std::string_view code) { return colour ? code : std::string_view(); };
  std::string out(paint("\x1b[2m"));
  out.append(clock).append(paint("\x1b[0m")).append(" ");
  out.append(paint(colour_of(level))).append(name_of(level)).append(paint("\x1b[0m"));
  out.append(std::string(7 - name_of(level).size(), ' ')).append(event);
  for (const Field& field : fields) {
    out.append("  ").append(paint("\x1b[2m")).append(field.name).append("=");
    out.append(paint("\x1b[0m")).append(for_people(field));
  }
  return out;
}

}  // namespace respring::log
