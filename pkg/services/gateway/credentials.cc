#include "services/gateway/credentials.h"

#include "net/cookie.h"

namespace respring::gateway {
namespace {

constexpr std::string_view kScheme = "bearer";

/// What stands behind `Bearer `, or nothing for another scheme.
std::optional<std::string_view> bearer(std::string_view value) {
  if (value.size() < kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((value[i] | 0x20) != kScheme[i]) return std::nullopt;
  }
  std::string_view rest = value.substr(kScheme.size());
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

}  // namespace

Result<std::optional<Credentials>> credentials_of(const net::Request& request) {
  const auto count = request.headers.count("authorization");
  if (count > 1)
    return Error{ErrorCode::unauthenticated, "more than one Authorization header", {}, {}};
  if (count == 1) {
    if (const auto token = bearer(*request.headers.find("authorization")))
      return std::optional(Credentials{Secret<std::string>(std::string(*token)), false});
  }
  const auto value = net::cookie(request.headers, net::session_cookie_name(request));
  // An empty one is what a log-out leaves in some clients.
  if (!value || value->empty()) return std::optional<Credentials>();
  return std::optional(Credentials{Secret<std::string>(std::string(*value)), true});
}

}  // namespace respring::gateway
