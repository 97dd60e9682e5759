#pragma once

#include "chat/ports/room_log.h"
#include "net/role_call.h"

namespace respring::message {

/// What the other roles ask of this one from another process (services/message/client.h): POST
/// /internal/message/…. Borrows both, which must outlive the router.
void add_internal_routes(net::Router& router, chat::RoomLog& log, const net::IdentitySeal& seal);

}  // namespace respring::message
