#include "base/time.h"

#include <array>
#include <cstdio>

namespace respring {
namespace {

using std::chrono::milliseconds;

/// Two or more digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  const int y = digits(text, 0, 4);
  const int m = digits(text, 5, 2);
  const int d = digits(text, 8, 2);
  if (y < 1 || m < 1 || d < 1 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{y},
                                         std::chrono::month(static_cast<unsigned>(m)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  return date.ok() ? std::optional(std::chrono::sys_days{date}) : std::nullopt;
}

/// The fraction after the seconds, cut to milliseconds; moves `at` behind it.
milliseconds parse_fraction(std::string_view text, std::size_t& at) {
  milliseconds fraction{0};
  if (at >= text.size() || text[at] != '.') return fraction;
  int scale = 100;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
    fraction += milliseconds{(text[at] - '0') * scale};
  }
  return fraction;
}

std::optional<milliseconds> parse_offset(std::string_view zone) {
  if (zone == "Z" || zone == "z") return milliseconds{0};
  const int hours = digits(zone, 1, 2);
  const int minutes = digits(zone, 4, 2);
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const milliseconds offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return zone[0] == '+' ? offset : -offset;
}

}  // namespace

std::string to_rfc3339(Time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const auto ms = (t - day).count();
  std::array<char, 32> text{};
  const int n = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                              static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                              static_cast<unsigned>(date.day()), static_cast<int>(ms / 3'600'000),
                              static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60),
                              static_cast<int>(ms % 1000));
  return {text.data(), static_cast<std::size_t>(n)};
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  if (text.size() < 10) return std::nullopt;
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  if (text.size() == 10) return Time{*date};
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if ((text[10] != 'T' && text[10] != 't') || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60 || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  std::size_t at = 19;
  const milliseconds fraction = parse_fraction(text, at);
  const auto offset = parse_offset(text.substr(at));
  if (!offset) return std::nullopt;
  return Time{*date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + fraction - *offset;
}

Time SystemClock::now() const {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

}  // namespace respring
