#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/http_client.h"

/// How a caller tells a role's answer from that of a stranger, a proxy or the server below it.
namespace respring::net {

inline constexpr std::string_view kAnswerHeader = "x-respring-answer";

/// Nothing when it is the role's own. `overloaded`: its server had no room for the request, which
/// was not read; else `upstream_unavailable`.
std::optional<Error> not_the_roles(const ClientResponse& response);

/// Not the role's, and the role has surely not seen the request: its server had no room, or did not
/// believe who asked. Another node may.
bool was_turned_away(const ClientResponse& response);

}  // namespace respring::net
