#pragma once

#include <vector>

#include "net/http.h"
#include "net/networks.h"

namespace respring::gateway {

/// Replaces `remote_ip` and `peer_scheme` by what trusted proxies say of the client: of
/// X-Forwarded-For the last address that is no trusted proxy's (whatever stands before it, the
/// client may have written himself), of X-Forwarded-Proto the last scheme. Does nothing for a
/// connection that comes from anybody else.
void believe_proxies(net::Request& request, const std::vector<net::Network>& proxies);

}  // namespace respring::gateway
