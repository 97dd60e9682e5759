#include "net/role_answer.h"

namespace respring::net {

std::optional<Error> not_the_roles(const ClientResponse& response) {
  if (response.headers.has(kAnswerHeader)) return std::nullopt;
  const std::string status = std::to_string(response.status);
  if (response.status == 503) return overloaded("the role's server answered " + status);
  return unavailable("not the role's answer: " + status);
}

bool was_turned_away(const ClientResponse& response) {
  const bool closed = response.status == 503 || response.status == 401;
  return closed && !response.headers.has(kAnswerHeader);
}

}  // namespace respring::net
