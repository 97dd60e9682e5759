#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "net/http_client.h"
#include "net/identity.h"
#include "net/router.h"

namespace respring::gateway {

/// A role as the gateway sees it: in one process its router, across processes an HTTP client. Any
/// thread.
struct Upstream {
  std::string role;
  bool open = false;  ///< nobody has to log in for its routes
  /// Whether some method is served at the request's path.
  std::function<bool(const net::Request&)> serves;
  /// The pattern of the route; empty when the method is not served there. The text must last.
  std::function<std::string_view(const net::Request&)> pattern;
  std::function<Task<net::Response>(net::Request&)> handle;
};

/// A role in this process. Borrows the router, whose routes are complete.
Upstream upstream_of(std::string role, const net::Router& router);

/// A role in other processes: `routes` says which paths it serves. Borrows all of them.
Upstream upstream_elsewhere(std::string role, const net::Router& routes, net::HttpCaller& nodes,
                            const net::IdentitySeal& seal);

}  // namespace respring::gateway
