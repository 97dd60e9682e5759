#pragma once

#include "chat/cursor_seal.h"
#include "net/router.h"
#include "services/user/service.h"

namespace respring::user {

/// What the user role serves of the public API; the router borrows both. Every request but those
/// that register and log in must carry a principal.
void add_routes(net::Router& router, UserService& service, const chat::CursorSeal& seal);

// The parts of it, one file each.
void add_account_routes(net::Router& router, UserService& service, const chat::CursorSeal& seal);
void add_session_routes(net::Router& router, UserService& service, const chat::CursorSeal& seal);

}  // namespace respring::user
