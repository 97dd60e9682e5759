#include "redis/address.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace respring::redis {
namespace {

constexpr std::string_view kShape = "; a Redis URL is redis://[user:password@]host[:port][/db]";

Error wrong(std::string_view why) { return invalid(std::string(why) + std::string(kShape)); }

template <class Number>
std::optional<Number> number_in(std::string_view text, Number min, Number max) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < min || value > max) return std::nullopt;
  return value;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    int byte = 0;
    if (text.size() < 3) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
    if (error != std::errc{} || end != text.data() + 3) return std::nullopt;
    out += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return out;
}

/// Cuts `text` at the first `mark`: what is before it stays there, what is behind it is returned.
std::string_view cut(std::string_view& text, char mark) {
  const auto at = std::min(text.find(mark), text.size());
  const auto rest = text.substr(std::min(at + 1, text.size()));
  text = text.substr(0, at);
  return rest;
}

Result<void> read_login(std::string_view login, Address& address) {
  const auto password = cut(login, ':');
  auto user = percent_decoded(login);
  auto secret = percent_decoded(password);
  if (!user || !secret) return wrong("user or password is not percent-encoded rightly");
  address.user = std::move(*user);
  address.password = Secret<std::string>(std::move(*secret));
  return success();
}

Result<void> read_host(std::string_view text, Address& address) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return wrong("the bracket of the host is not closed");
    address.host = text.substr(1, end - 1);
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return wrong("text behind the host's bracket");
    if (!rest.empty()) port = rest.substr(1);
  } else {
    port = cut(text, ':');
    address.host = text;
  }
  if (address.host.empty()) return wrong("the host is missing");
  if (port.empty()) return success();
  const auto number = number_in<int>(port, 1, 65535);
  if (!number) return wrong("the port is no number from 1 to 65535");
  address.port = static_cast<std::uint16_t>(*number);
  return success();
}

}  // namespace

std::string Address::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return "redis://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/" +
         std::to_string(database);
}

Result<Address> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "redis://";
  if (url.starts_with("rediss://")) {
    return invalid(
        "rediss:// is not supported: this build speaks to Redis without TLS; let a TLS proxy "
        "beside "
        "it (stunnel, envoy) connect, and give its redis:// address");
  }
  if (!url.starts_with(kScheme)) return wrong("the URL does not begin with redis://");
  url.remove_prefix(kScheme.size());
  Address address;
  const auto database = cut(url, '/');
  const auto at = url.rfind('@');
  if (at != std::string_view::npos) {
    RESPRING_TRYV(read_login(url.substr(0, at), address));
    url.remove_prefix(at + 1);
  }
  RESPRING_TRYV(read_host(url, address));
  if (!database.empty()) {
    const auto number = number_in<int>(database, 0, 1'000'000);
    if (!number) return wrong("the database is no number");
    address.database = *number;
  }
  return address;
}

}  // namespace respring::redis
