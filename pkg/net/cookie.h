#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "net/http.h"

/// Cookies (RFC 6265): reading them, the one that logs in, and telling a loopback
/// host, on which its name depends.
namespace respring::net {

/// The value of the first cookie of that name; names compare exactly.
inline std::optional<std::string_view> cookie(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key.size() != 6 || Headers{{key, ""}}.count("cookie") == 0) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(';'), rest.size());
      std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name)
        return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

/// Whether a Host header's value names this very machine: 127.0.0.1, localhost or [::1], with any
/// port.
inline bool is_loopback_host(std::string_view host) {
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
    if (host.substr(0, name.size()) != name) continue;
    const std::string_view rest = host.substr(name.size());
    if (rest.empty() || rest.front() == ':') return true;
  }
  return false;
}

/// What the session cookie is called for this request: browsers keep `__Host-` cookies only where
/// the connection is safe, and a loopback address without TLS counts as such for us.
inline std::string_view session_cookie_name(const Request& request) {
  const bool plain =
      request.peer_scheme != "https" && is_loopback_host(request.headers.find("host").value_or(""));
  return plain ? "respring" : "__Host-respring";
}

/// Gives the browser the session's token, for scripts unreachable; an empty one takes it away.
inline void set_session_cookie(Response& response, const Request& request, std::string_view token,
                               std::chrono::seconds life) {
  const std::string_view name = session_cookie_name(request);
  std::string text = std::string(name) + "=" + std::string(token);
  text += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(life.count());
  if (name.starts_with("__Host-")) text += "; Secure";
  response.headers.add("Set-Cookie", std::move(text));
}

}  // namespace respring::net
