#pragma once

#include "chat/roles/room_lists.h"
#include "net/role_call.h"

namespace respring::room {

/// What the other roles ask of this one from another process (services/room/client.h): POST
/// /internal/room/…. Borrows both, which must outlive the router.
void add_internal_routes(net::Router& router, chat::RoomLists& lists,
                         const net::IdentitySeal& seal);

}  // namespace respring::room
