#include "elasticsearch/options.h"

#include <algorithm>
#include <charconv>

#include "net/cut.h"
#include "net/http.h"

namespace respring::elasticsearch {
namespace {

constexpr std::size_t kMaxName = 100;

Error wrong(std::string_view why) {
  return invalid(std::string(why) +
                 "; the URL of a search engine is "
                 "elasticsearch+http://[user:password@]host[:port][/name]");
}

bool is_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto is_allowed = [&](char c) { return is_plain(c) || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kMaxName && is_plain(name.front()) &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

Result<void> read_login(std::string_view login, Options& options) {
  const auto [name, password] = net::cut(login, ':');
  auto user = net::percent_decode(name);
  auto secret = net::percent_decode(password);
  if (!user || !secret || user->empty() || user->find(':') != std::string::npos)
    return wrong("user or password is not percent-encoded rightly");
  options.user = std::move(*user);
  options.password = Secret<std::string>(std::move(*secret));
  return success();
}

Result<void> read_port(std::string_view text, Options& options) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > 65535)
    return wrong("the port is no number from 1 to 65535");
  options.port = static_cast<std::uint16_t>(number);
  return success();
}

Result<void> read_host(std::string_view text, Options& options) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return wrong("the bracket of the host is not closed");
    options.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return wrong("text behind the host's bracket");
    if (!port.empty()) port.remove_prefix(1);
  } else {
    const auto [host, behind] = net::cut(text, ':');
    options.host = host;
    port = behind;
  }
  if (options.host.empty()) return wrong("the host is missing");
  return port.empty() ? Result<void>(success()) : read_port(port, options);
}

Result<void> take_scheme(std::string_view& url) {
  const auto mark = url.find("+http");
  const auto engine = url.substr(0, std::min(mark, url.size()));
  if (mark == std::string_view::npos || (engine != "elasticsearch" && engine != "opensearch"))
    return wrong("the URL does not begin with elasticsearch+http:// or opensearch+http://");
  url.remove_prefix(mark + 1);
  if (url.starts_with("https://")) {
    return invalid(
        "https:// is not supported: this build speaks to search engines without TLS; let a TLS "
        "proxy beside it (stunnel, envoy) connect, and give its http:// address");
  }
  if (!url.starts_with("http://")) return wrong("the URL is cut off");
  url.remove_prefix(7);
  return success();
}

}  // namespace

std::string Options::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return "elasticsearch+http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) +
         "/" + name;
}

Result<Options> options_from(std::string_view url) {
  RESPRING_TRYV(take_scheme(url));
  Options options;
  auto [server, name] = net::cut(url, '/');
  const auto at = server.rfind('@');
  if (at != std::string_view::npos) {
    RESPRING_TRYV(read_login(server.substr(0, at), options));
    server.remove_prefix(at + 1);
  }
  RESPRING_TRYV(read_host(server, options));
  if (name.empty()) return options;
  if (!is_name(name))
    return wrong("the name has other characters than a-z, 0-9, - and _, or more than 100");
  options.name = name;
  return options;
}

}  // namespace respring::elasticsearch
