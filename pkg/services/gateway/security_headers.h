#pragma once

#include <string_view>

#include "net/http.h"

namespace respring::gateway {

/// Adds to an answer what keeps browsers careful with it (OWASP secure headers): the policy of
/// content (a strict one for our pages, nothing at all for everything else), no sniffing, no
/// referrer, no framing, and `no-store` unless the answer says otherwise.
/// `strict_transport`: our public address is https.
void add_security_headers(net::Response& response, const net::Request& request,
                          bool strict_transport);

}  // namespace respring::gateway
