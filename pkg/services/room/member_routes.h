#pragma once

#include "services/room/route_context.h"

namespace respring::room {

/// Members and invitations.
void add_member_routes(net::Router& router, const RouteContext& context);

}  // namespace respring::room
