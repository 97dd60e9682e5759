#include "services/gateway/upstream.h"

namespace respring::gateway {

Upstream upstream_of(std::string role, const net::Router& router) {
  Upstream upstream;
  upstream.role = std::move(role);
  upstream.serves = [&router](const net::Request& r) { return router.knows(r.path); };
  upstream.pattern = [&router](const net::Request& r) {
    return router.pattern_of(r.method, r.path);
  };
  upstream.handle = [&router](net::Request& r) { return router.handle(r); };
  return upstream;
}

}  // namespace respring::gateway
