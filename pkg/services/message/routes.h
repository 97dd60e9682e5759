#pragma once

#include "chat/ports/room_log.h"
#include "chat/roles/room_lists.h"
#include "net/router.h"

namespace respring::message {

/// What the message role serves of the public API. The router borrows all of them.
struct RouteContext {
  chat::RoomLog& log;  ///< the service
  chat::RoomLists& lists;
};

/// Messages, reactions, read cursors, the log and sync. Every request must carry a principal.
void add_routes(net::Router& router, RouteContext context);

}  // namespace respring::message
