#pragma once

#include <string>

#include "chat/cursor_seal.h"
#include "net/router.h"
#include "services/room/service.h"

namespace respring::room {

struct RouteSettings {
  std::string public_url;  ///< begins the links of invitations; when empty, the request's own host
};

/// Rooms, members, preferences and invitations. The router borrows service and seal.
void add_routes(net::Router& router, RoomService& service, const chat::CursorSeal& seal,
                RouteSettings settings);

}  // namespace respring::room
