#include "services/gateway/upstream.h"

#include <utility>

#include "net/forwarding.h"
#include "telemetry/spans.h"

namespace respring::gateway {
namespace {

Task<net::Response> ask(net::HttpCaller& nodes, const net::IdentitySeal& seal,
                        net::Request& request) {
  spans::Scope call(request.traceparent, "role call", spans::Kind::client);
  const std::string own = std::exchange(request.traceparent, call.traceparent());
  auto forwarded = net::forwarded(request, seal);
  request.traceparent = own;
  auto answer = co_await nodes.call(std::move(forwarded), request.deadline);
  if (!answer) call.fail();
  if (!answer) co_return net::problem_response(answer.error(), request);
  auto response = net::answer_from(std::move(answer).assume_value());
  if (!response) co_return net::problem_response(response.error(), request);
  co_return std::move(response).assume_value();
}

}  // namespace

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

Upstream upstream_elsewhere(std::string role, const net::Router& routes, net::HttpCaller& nodes,
                            const net::IdentitySeal& seal) {
  Upstream upstream = upstream_of(std::move(role), routes);
  upstream.handle = [&nodes, &seal](net::Request& request) { return ask(nodes, seal, request); };
  return upstream;
}

}  // namespace respring::gateway
