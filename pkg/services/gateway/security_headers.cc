#include "services/gateway/security_headers.h"

#include <algorithm>

namespace respring::gateway {
namespace {

constexpr std::string_view kNothing = "default-src 'none'; frame-ancestors 'none'";

void add_unless_there(net::Response& response, std::string_view name, std::string value) {
  if (!response.headers.has(name)) response.headers.add(std::string(name), std::move(value));
}

/// A Host header goes into a policy only if it is nothing but a host.
bool is_plain_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':' || c == '[' || c == ']';
  });
}

std::string page_policy(const net::Request& request) {
  std::string policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
      "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
      "trusted-types respring; "
      "connect-src 'self'";
  // Older browsers do not count our own WebSocket as 'self'.
  const std::string_view host = request.headers.find("host").value_or("");
  if (is_plain_host(host)) {
    policy += " ws://" + std::string(host) + " wss://" + std::string(host);
  }
  return policy;
}

}  // namespace

void add_security_headers(net::Response& response, const net::Request& request,
                          bool strict_transport) {
  const bool page = response.content_type.starts_with("text/html");
  add_unless_there(response, "Content-Security-Policy",
                   page ? page_policy(request) : std::string(kNothing));
  add_unless_there(response, "X-Content-Type-Options", "nosniff");
  add_unless_there(response, "Referrer-Policy", "no-referrer");
  add_unless_there(response, "Cross-Origin-Opener-Policy", "same-origin");
  add_unless_there(response, "Cross-Origin-Resource-Policy", "same-origin");
  add_unless_there(response, "Cache-Control", "no-store");
  if (strict_transport) add_unless_there(response, "Strict-Transport-Security", "max-age=31536000");
}

}  // namespace respring::gateway
