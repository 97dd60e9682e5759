#pragma once

#include "chat/roles/accounts.h"
#include "net/role_call.h"

namespace respring::user {

/// What the other roles ask of this one from another process (services/user/client.h): POST
/// /internal/user/…. Borrows both, which must outlive the router.
void add_internal_routes(net::Router& router, chat::Accounts& accounts,
                         const net::IdentitySeal& seal);

}  // namespace respring::user
