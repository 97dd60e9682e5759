#include "respring/serve/roles.h"

#include "net/forwarding.h"
#include "net/request_figures.h"
#include "respring/serve/admin.h"
#include "respring/serve/documents.h"
#include "respring/serve/followers.h"
#include "respring/serve/role_settings.h"
#include "services/message/internal_routes.h"
#include "services/message/routes.h"
#include "services/room/internal_routes.h"
#include "services/room/routes.h"
#include "services/search/routes.h"
#include "services/user/internal_routes.h"
#include "services/user/routes.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

net::HttpServerOptions server_options(const config::Endpoint& endpoint) {
  net::HttpServerOptions options;
  options.address = endpoint.host.empty() ? "::" : endpoint.host;
  options.port = endpoint.port;
  options.on_fault = [](std::string_view why) { log::error("http.fault", {{"error", why}}); };
  return options;
}

bool is_internal(const net::Request& request) { return request.path.starts_with("/internal/"); }

/// What another role asks is counted here; the gateway counts what people ask.
Task<net::Response> measured(const net::Router& router, net::Request& request) {
  static net::RequestFigures figures("respring_role_requests_total",
                                     "respring_role_request_seconds");
  const auto begun = std::chrono::steady_clock::now();
  const std::string_view route = router.pattern_of(request.method, request.path);
  net::Response response = co_await router.handle(request);
  figures.note(route.empty() ? "none" : route, request.method, response.status,
               std::chrono::steady_clock::now() - begun);
  co_return response;
}

Task<net::Response> refused(net::Request& request, Error error) {
  co_return net::problem_response(error, request);
}

/// The API's routes by the role that serves them, as the OpenAPI document groups them.
std::map<Role, net::Router> routes_by_role() {
  const std::map<std::string, Role, std::less<>> by_tag = {
      {"people", Role::user},  {"sessions", Role::user},    {"rooms", Role::room},
      {"members", Role::room}, {"messages", Role::message}, {"sync", Role::message},
      {"search", Role::search}};
  std::map<Role, net::Router> routers;
  for (const Role role : {Role::user, Role::room, Role::message, Role::search}) routers[role];
  for (const auto& route : documented_routes()) {
    const auto role = by_tag.find(route.tag);
    if (role == by_tag.end()) continue;
    const auto nowhere = [](net::Request& request, const net::PathParams&) {
      return refused(request, not_found());  // only the table is used
    };
    routers[role->second].add(route.method, route.pattern, net::Handler(nowhere));
  }
  return routers;
}

}  // namespace

Roles::Roles(Platform& p, const Settings& settings, const RoleSet& roles, bool with_demo)
    : platform_(p), roles_(roles), sweep_timer_(p.io->at(0)) {
  if (!roles_.is_all()) peers_ = std::make_unique<Peers>(settings, p.clock, *p.io);
  if (peers_ && p.shared_sessions) {
    remembering_ = std::make_unique<user::RememberingAccounts>(peers_->accounts(),
                                                               *p.shared_sessions, p.clock);
  }
  make_services(settings);
  if (peers_) add_internal_routes();
  if (roles_.has_any({Role::gateway, Role::websocket})) make_gateway(settings, with_demo);
  admin_routes_ = admin_router(
      health_, [this] { drain(); },
      [this] {
        refresh_figures(platform_);
        const auto open = static_cast<double>(public_server_->connections());
        metrics::gauge("respring_http_connections", {{"listener", "public"}}).set(open);
        if (!tunnels_) return;
        const auto tunnels = static_cast<double>(tunnels_->open_tunnels());
        metrics::gauge("respring_websocket_tunnels").set(tunnels);
      });
  followers_ = followers_of(platform_, log(), roles_);
  add_checks();
  make_servers(settings);
}

chat::Accounts& Roles::accounts() {
  if (user_) return *user_;
  return remembering_ ? static_cast<chat::Accounts&>(*remembering_) : peers_->accounts();
}

void Roles::make_services(const Settings& settings) {
  Platform& p = platform_;
  if (roles_.has(Role::message)) {
    message_ = std::make_unique<message::MessageService>(*p.log, *p.pub_sub, *p.recent);
  }
  if (roles_.has(Role::user)) {
    user::Ports ports{*p.users,   log(),   *p.cache,     *p.shared_sessions,        *p.limiter,
                      *p.pub_sub, p.clock, *p.passwords, p.io->at(0).get_executor()};
    user_ = std::make_unique<user::UserService>(ports, user_settings(settings));
    user::add_routes(user_routes_, *user_, *p.seal);
  }
  if (roles_.has(Role::room)) {
    room_ =
        std::make_unique<room::RoomService>(room::Ports{*p.directory, log(), accounts(), p.clock});
    room::add_routes(room_routes_, *room_, *p.seal, {settings.public_url});
  }
  if (user_) user_->connect(lists());
  if (message_) message::add_routes(message_routes_, {*message_, lists()});
  if (roles_.has(Role::search)) {
    search_ = std::make_unique<search::SearchService>(search::Ports{*p.index, log(), lists()});
    search::add_routes(search_routes_, *search_, *p.seal);
  }
  if (roles_.has(Role::websocket)) {
    node_ =
        std::make_unique<websocket::Node>(websocket::Ports{accounts(), log(), lists(), *p.pub_sub,
                                                           *p.recent, *p.presence, *p.limiter},
                                          websocket_settings(settings), p.node, *p.io);
  }
}

void Roles::make_gateway(const Settings& settings, bool with_demo) {
  std::vector<gateway::Upstream> upstreams;
  const std::pair<Role, const net::Router*> here[] = {{Role::user, &user_routes_},
                                                      {Role::message, &message_routes_},
                                                      {Role::room, &room_routes_},
                                                      {Role::search, &search_routes_}};
  if (roles_.has(Role::gateway)) {
    if (peers_) elsewhere_ = routes_by_role();
    for (const auto& [role, router] : here) {
      if (roles_.has(role)) {
        upstreams.push_back(gateway::upstream_of(std::string(name_of(role)), *router));
      } else if (net::PeerGroup* nodes = peers_->group(role)) {
        upstreams.push_back(gateway::upstream_elsewhere(
            std::string(name_of(role)), elsewhere_.at(role), *nodes, peers_->seal()));
      }
    }
    if (peers_ && !roles_.has(Role::websocket) && peers_->group(Role::websocket)) {
      tunnels_ = std::make_unique<net::Tunnels>(*peers_->group(Role::websocket), peers_->seal());
    }
  }
  if (with_demo) {
    upstreams.push_back(gateway::upstream_of("demo", demo_links_.routes()));
    upstreams.back().open = true;
  }
  gateway_ = std::make_unique<gateway::Gateway>(gateway::Ports{accounts(), *platform_.limiter},
                                                gateway_settings(settings), documents(),
                                                std::move(upstreams));
}

void Roles::add_internal_routes() {
  const net::IdentitySeal& seal = peers_->seal();
  if (message_) message::add_internal_routes(internal_routes_, *message_, seal);
  if (user_) user::add_internal_routes(internal_routes_, *user_, seal);
  if (room_) room::add_internal_routes(internal_routes_, *room_, seal);
}

void Roles::add_checks() {
  for (const auto& [name, status] : platform_.checks) health_.add(name, status);
  for (const Role role : {Role::user, Role::room, Role::message, Role::search}) {
    net::PeerGroup* nodes = peers_ ? peers_->group(role) : nullptr;
    if (nodes == nullptr) continue;
    health_.add("peer " + nodes->name(), [nodes]() -> health::Status {
      if (nodes->awake() > 0) return {};
      return {health::State::degraded, "no node of the " + nodes->name() + " role answers"};
    });
  }
  if (!message_) return;
  health_.add("shards", [this]() -> health::Status {
    for (const auto& shard : platform_.log->stats()) {
      if (shard.relay.oldest_age_ms > 60'000) {
        return {health::State::degraded, shard.name + ": its outbox is not being published"};
      }
    }
    return {};
  });
}

void Roles::make_servers(const Settings& s) {
  net::HttpServerOptions open = server_options(s.listen);
  open.max_connections = static_cast<std::size_t>(s.http.max_connections);
  open.head_timeout = s.http.header_timeout;
  open.body_timeout = s.http.body_timeout;
  open.idle_timeout = s.http.idle_timeout;
  if (peers_) {
    open.body_limit = [](const net::Request& request) -> std::optional<std::size_t> {
      if (!is_internal(request)) return std::nullopt;
      return net::kMaxCallBody;
    };
  }
  auto handler = [this](net::Request& request) { return handle(request); };
  net::UpgradeHook upgrade;
  if (node_ || tunnels_) {
    upgrade = [this](net::Request& request) { return this->upgrade(request); };
  }
  public_server_ =
      std::make_unique<net::HttpServer>(*platform_.io, std::move(open), handler, upgrade);
  auto admin = [this](net::Request& request) { return admin_routes_.handle(request); };
  admin_server_ =
      std::make_unique<net::HttpServer>(*platform_.io, server_options(s.admin_listen), admin);
}

Task<net::Response> Roles::handle(net::Request& request) {
  if (peers_ && (is_internal(request) || request.headers.has(net::kIdentityHeader)))
    return handle_from_role(request);
  if (roles_.has(Role::gateway)) return gateway_->handle(request);
  return refused(request, not_found("this process serves other roles only"));
}

Task<net::Response> Roles::handle_from_role(net::Request& request) {
  auto answering =
      is_internal(request) ? measured(internal_routes_, request) : handle_forwarded(request);
  net::Response response = co_await std::move(answering);
  // Whoever asked gets no more than a code.
  if (!response.fault.empty()) {
    log::error(
        "http.fault",
        {{"route", request.path}, {"error", response.fault}, {"trace_id", request.trace_id}});
  }
  co_return response;
}

Task<net::Response> Roles::handle_forwarded(net::Request& request) {
  if (const auto taken = net::take_forwarded(request, peers_->seal()); !taken) {
    co_return net::problem_response(taken.error(), request);
  }
  const std::pair<Role, const net::Router*> routers[] = {{Role::user, &user_routes_},
                                                         {Role::message, &message_routes_},
                                                         {Role::room, &room_routes_},
                                                         {Role::search, &search_routes_}};
  net::Response response = net::problem_response(not_found("no role here serves this"), request);
  for (const auto& [role, router] : routers) {
    if (!roles_.has(role) || !router->knows(request.path)) continue;
    response = co_await measured(*router, request);
    break;
  }
  net::mark_answer(response);
  co_return response;
}

Task<net::UpgradeDecision> Roles::upgrade(net::Request& request) {
  if (tunnels_) co_return co_await tunnels_->open(request);
  if (peers_ && request.headers.has(net::kIdentityHeader)) {
    if (const auto taken = net::take_forwarded(request, peers_->seal()); !taken) {
      net::UpgradeDecision refusal;
      refusal.refusal = net::problem_response(taken.error(), request);
      co_return refusal;
    }
    auto decision = co_await admit(request);
    if (decision.refusal) net::mark_answer(*decision.refusal);
    co_return decision;
  }
  co_return co_await admit(request);
}

/// A handshake that came to the node itself or was handed on.
Task<net::UpgradeDecision> Roles::admit(net::Request& request) {
  auto admitted = co_await gateway_->admit_websocket(request);
  net::UpgradeDecision decision;
  if (!admitted) {
    decision.refusal = net::problem_response(admitted.error(), request);
    gateway_->finish(request, *decision.refusal);
    co_return decision;
  }
  const auto language = net::language_of(request.headers.find("accept-language").value_or(""));
  auto session = std::move(admitted).value();
  decision.take = [this, session, language](net::UpgradedSocket socket) {
    node_->accept(std::move(socket), session, language);
  };
  co_return decision;
}

Result<void> Roles::start() {
  platform_.io->start();
  if (node_) node_->start();
  for (const auto& follower : followers_) follower->start();
  slow_figures_ = std::make_unique<SlowFigures>(platform_, groups_of(roles_));
  if (room_) background_.spawn(platform_.io->at(0).get_executor(), finish_rooms(*this));
  RESPRING_TRYV(admin_server_->start());
  return public_server_->start();
}

Task<void> Roles::finish_rooms(Roles& roles) {
  constexpr std::chrono::seconds kEvery{30};
  constexpr std::chrono::seconds kOldEnough{10};  // a request may be at it right now
  while (!roles.draining_) {
    const auto now = std::chrono::steady_clock::now();
    const auto done = co_await roles.room_->finish_reserved(
        roles.platform_.clock.now() - kOldEnough, now + kEvery);
    if (!done) log::warn("rooms.finish_failed", {{"error", done.error().detail}});
    if (roles.draining_) co_return;
    roles.sweep_timer_.expires_after(kEvery);
    boost::system::error_code cancelled;
    co_await roles.sweep_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

void Roles::reload(const Settings& settings) {
  if (user_) user_->reload(user_settings(settings));
  if (gateway_) gateway_->reload(gateway_settings(settings));
  if (node_) node_->reload(websocket_settings(settings));
}

Result<std::vector<Roles::DemoLogIn>> Roles::make_demo_people() {
  RESPRING_TRY(auto people, make_demo(platform_, *user_, *room_, *message_));
  std::vector<DemoLogIn> log_ins;
  for (DemoPerson& person : people) {
    std::string path = demo_links_.add(person.token);
    log_ins.push_back({std::move(person), std::move(path)});
  }
  return log_ins;
}

void Roles::drain() {
  if (draining_.exchange(true)) return;
  health_.start_draining();
  log::info("serve.draining");
  if (node_) node_->begin_drain(reconnect_spread_);
  asio::post(platform_.io->at(0), [this] { sweep_timer_.cancel(); });
}

bool Roles::stop(std::chrono::milliseconds grace) {
  if (std::exchange(stopped_, true)) return true;
  drain();
  public_server_->drain();
  if (node_) node_->stop();
  if (tunnels_) tunnels_->stop();
  const bool whole = public_server_->stop(grace);
  slow_figures_.reset();
  for (const auto& follower : followers_) follower->stop();
  admin_server_->stop(std::chrono::milliseconds(200));
  background_.wait();
  if (gateway_) gateway_->wait();
  return whole;
}

}  // namespace respring::cmd
