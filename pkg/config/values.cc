#include "config/values.h"

#include <array>
#include <charconv>
#include <cmath>

namespace respring::config {
namespace {

using std::chrono::milliseconds;

Wrong wrong(std::string why) { return Wrong{std::move(why)}; }

/// A number with an optional unit behind it: "20" and "s" of "20s". Nothing when there is no
/// number.
struct Measured {
  double number = 0;
  std::string_view unit;
};
std::optional<Measured> split(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || number < 0 || !std::isfinite(number)) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return Measured{number, unit};
}

struct Unit {
  std::string_view name;
  std::int64_t size;
};
constexpr std::array kTimes = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                               Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array kSizes = {Unit{"B", 1}, Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20},
                               Unit{"GiB", 1 << 30}, Unit{"TiB", 1LL << 40}};
constexpr std::array kPeriods = {Unit{"s", 1000}, Unit{"min", 60'000}, Unit{"h", 3'600'000}};
constexpr double kMostUnits = 9e15;  // far beyond any setting, and exact in a double

template <std::size_t n>
std::optional<std::int64_t> measured(const Measured& value, const std::array<Unit, n>& units) {
  for (const Unit& unit : units) {
    const double product = value.number * static_cast<double>(unit.size);
    if (unit.name == value.unit && product < kMostUnits && product == std::floor(product)) {
      return static_cast<std::int64_t>(product);
    }
  }
  return std::nullopt;
}

template <std::size_t n>
std::string with_unit(std::int64_t count, const std::array<Unit, n>& units) {
  const Unit* best = units.data();
  for (const Unit& unit : units) {
    if (count != 0 && count % unit.size == 0) best = &unit;
  }
  return std::to_string(count / best->size) + std::string(best->name);
}

std::string plain(double number) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return error == std::errc() ? std::string(buffer.data(), end) : "0";
}

bool valid_host(std::string_view host, bool bracketed) {
  constexpr std::size_t kLongestHost = 253;  // RFC 1035
  if (host.size() > kLongestHost) return false;
  for (const char c : host) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '-' && c != '_' && !(bracketed && (c == ':' || c == '%'))) {
      return false;
    }
  }
  return true;
}

}  // namespace

Rate Rate::per_second(double count, std::uint32_t burst) {
  return {count, milliseconds(1000), burst};
}
Rate Rate::per_minute(double count) {
  return {count, milliseconds(60'000), static_cast<std::uint32_t>(std::ceil(count))};
}
double Rate::tokens_per_second() const {
  return off() ? 0 : count * 1000.0 / static_cast<double>(per.count());
}

Parsed<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return wrong("is neither true nor false");
}

Parsed<std::int64_t> parse_integer(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits.push_back(c);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return wrong("is not a whole number");
  }
  return value;
}

Parsed<milliseconds> parse_duration(std::string_view text) {
  if (const auto value = split(text)) {
    if (value->number == 0 && value->unit.empty()) return milliseconds(0);
    if (const auto count = measured(*value, kTimes)) return milliseconds(*count);
  }
  return wrong("is not a duration like 500ms, 10s, 5m, 2h or 30d");
}

Parsed<Bytes> parse_bytes(std::string_view text) {
  if (auto value = split(text)) {
    if (value->unit.empty()) value->unit = "B";
    if (const auto count = measured(*value, kSizes)) return Bytes{*count};
  }
  return wrong("is not a size like 512, 64KiB or 1MiB");
}

Parsed<Rate> parse_rate(std::string_view text) {
  const auto bad = [] { return wrong("is not a rate like '20/s burst 60', '10/min' or 'off'"); };
  if (text == "off" || text == "false") return Rate{};  // YAML knows a bare off as false
  std::string_view burst_text;
  if (const auto at = text.find(" burst "); at != std::string_view::npos) {
    burst_text = text.substr(at + 7);
    text = text.substr(0, at);
  }
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return bad();
  const auto count = split(text.substr(0, slash));
  if (!count || !count->unit.empty() || count->number <= 0 || count->number > 1e9) return bad();
  const auto period = measured({1, text.substr(slash + 1)}, kPeriods);
  if (!period) return bad();
  Rate rate{count->number, milliseconds(*period),
            static_cast<std::uint32_t>(std::ceil(count->number))};
  if (!burst_text.empty()) {
    const auto burst = parse_integer(burst_text);
    if (!burst) return bad();
    if (burst.value() < 1 || burst.value() > 1'000'000'000) return bad();
    rate.burst = static_cast<std::uint32_t>(burst.value());
  }
  return rate;
}

Parsed<Limit> parse_limit(std::string_view text) {
  if (text == "off" || text == "false") return Limit{};
  const auto most = parse_integer(text);
  if (!most) return wrong("is neither a whole number nor 'off'");
  if (most.value() < 0) return wrong("is below 0");
  return Limit{most.value()};
}

Parsed<Endpoint> parse_endpoint(std::string_view text) {
  const auto bad = [] { return wrong("is not an address like 127.0.0.1:8080 or [::1]:8080"); };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || !valid_host(host, bracketed)) return bad();
  if (port.value() < 0 || port.value() > 65535) return wrong("has a port outside 0 to 65535");
  return Endpoint{std::string(host), static_cast<std::uint16_t>(port.value())};
}

std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(std::int64_t value) { return std::to_string(value); }
std::string to_text(milliseconds value) {
  return value.count() == 0 ? "0s" : with_unit(value.count(), kTimes);
}
std::string to_text(const Bytes& value) { return with_unit(value.count, kSizes); }
std::string to_text(const Rate& value) {
  if (value.off()) return "off";
  std::string text = plain(value.count) + "/";
  for (const Unit& unit : kPeriods) {
    if (unit.size == value.per.count()) text += unit.name;
  }
  const bool usual_burst = value.burst == static_cast<std::uint32_t>(std::ceil(value.count));
  return usual_burst ? text : text + " burst " + std::to_string(value.burst);
}
std::string to_text(const Limit& value) { return value.most ? to_text(*value.most) : "off"; }
std::string to_text(const Endpoint& value) {
  const bool v6 = value.host.find(':') != std::string::npos;
  return (v6 ? "[" + value.host + "]" : value.host) + ":" + std::to_string(value.port);
}

}  // namespace respring::config
