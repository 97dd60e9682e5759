#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/run.h"
#include "base/live.h"
#include "chat/ports/rate_limiter.h"
#include "chat/roles/accounts.h"
#include "net/router.h"
#include "services/gateway/in_flight.h"
#include "services/gateway/origin.h"
#include "services/gateway/settings.h"
#include "services/gateway/upstream.h"
#include "services/gateway/web_files.h"

namespace respring::gateway {

/// What the gateway stands on; borrowed, and must outlive it.
struct Ports {
  chat::Accounts& accounts;
  chat::RateLimiter& limiter;
};

/// The public documents as JSON texts.
struct Documents {
  std::string openapi;
  std::string asyncapi;
};

/// The door of the API: who asks, may he, is it too much, whose route is it. Safe from any thread;
/// handle() and admit_websocket() on an executor of one thread each.
class Gateway {
 public:
  Gateway(Ports ports, Settings settings, Documents documents, std::vector<Upstream> upstreams);

  /// New limits, origins and proxies from the next request on.
  void reload(const Settings& settings);

  /// Any request outside a WebSocket handshake; the answer is complete with its headers. Strips
  /// internal headers and sets `principal` before a role sees the request.
  Task<net::Response> handle(net::Request& request);

  /// May this handshake go on, and whose is it: nothing when it shows no credentials and has to
  /// show a ticket in its first frame. `forbidden` for a foreign Origin whatever the credentials,
  /// `unauthenticated` for wrong ones, `rate_limited`.
  Task<Result<std::optional<chat::Session>>> admit_websocket(net::Request& request);

  /// Blocks until the handlers that outlast their answer have ended: when the listener has stopped
  /// and before the executors do. The destructor does it too.
  void wait() { running_.wait(); }

  /// Adds what every answer carries; handle() has done it already. For refusals of the server and
  /// of handshakes.
  void finish(const net::Request& request, net::Response& response) const;

  /// The gateway's own routes, for the test that holds them against the OpenAPI document.
  std::vector<net::RouteInfo> routes() const { return own_.routes(); }

 private:
  /// What may change while it runs.
  struct Policy {
    explicit Policy(const Settings& settings);
    Limits limits;
    OriginPolicy origins;
    std::vector<net::Network> proxies;
  };
  struct Found {
    const Upstream* upstream = nullptr;  ///< nullptr: nobody serves this path
    std::string_view pattern;            ///< empty: not with this method
  };

  Found find(const net::Request& request) const;
  Task<net::Response> answer(net::Request& request, const Found& found);
  net::Response answer_unserved(const net::Request& request) const;
  Task<Result<InFlight::Place>> admit(net::Request& request, const Found& found);
  static Result<void> check_form(const net::Request& request);
  Task<Result<void>> authenticate(net::Request& request);
  Task<Result<void>> within(std::string_view limit, std::string key, chat::RateLimit rate);
  void prepare(net::Request& request) const;
  Limits limits() const { return policy_.get()->limits; }

  Ports ports_;
  const Settings settings_;
  Live<Policy> policy_;
  WebFiles files_;
  bool strict_transport_;
  net::Router own_;
  std::vector<Upstream> upstreams_;
  InFlight in_flight_;
  async::TaskGroup running_;  ///< handlers that outlast their answer
};

}  // namespace respring::gateway
