#pragma once

#include "chat/cursor_seal.h"
#include "net/router.h"
#include "services/search/service.h"

namespace respring::search {

/// `GET /v1/search`. The router borrows service and seal.
void add_routes(net::Router& router, SearchService& service, const chat::CursorSeal& seal);

}  // namespace respring::search
