#pragma once

#include <optional>
#include <string>

#include "services/room/route_context.h"

namespace respring::room {

/// One page of `GET /v1/rooms`. A cursor that is not ours is `invalid_request`.
Task<Result<net::Response>> list_page(RouteContext context, UserId user, std::size_t limit,
                                      std::optional<std::string> cursor);

}  // namespace respring::room
