#include "respring/serve/roles.h"

#include "respring/serve/admin.h"
#include "respring/serve/documents.h"
#include "respring/serve/figures.h"
#include "services/message/routes.h"
#include "services/room/follower.h"
#include "services/room/routes.h"
#include "services/search/indexer.h"
#include "services/search/routes.h"
#include "services/user/routes.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

chat::RateLimit limit_of(const config::Rate& rate) {
  return {rate.tokens_per_second(), static_cast<double>(rate.burst)};
}

user::Limits user_limits(const Settings& s) {
  return {limit_of(s.limits.logins_per_handle), limit_of(s.limits.registrations_per_ip)};
}

gateway::Limits gateway_limits(const Settings& s) {
  return {limit_of(s.limits.requests_per_ip), limit_of(s.limits.sends_per_user)};
}

user::Settings user_settings(const Settings& s) {
  user::Settings result;
  result.session_days = s.auth.session_days;
  result.single_session = s.auth.single_session;
  result.limits = user_limits(s);
  return result;
}

websocket::Settings websocket_settings(const Settings& s) {
  websocket::Settings result;
  result.heartbeat = std::chrono::seconds(s.websocket.heartbeat_seconds);
  result.lag_bytes = static_cast<std::size_t>(s.websocket.queue_bytes.count);
  result.queue_bytes = 4 * result.lag_bytes;
  result.connections_per_user =
      static_cast<std::size_t>(s.limits.connections_per_user.most.value_or(0));
  result.frames_per_connection = limit_of(s.limits.frames_per_connection);
  result.sends_per_user = limit_of(s.limits.sends_per_user);
  return result;
}

gateway::Settings gateway_settings(const Settings& s) {
  gateway::Settings result;
  result.public_url = s.public_url;
  result.allowed_origins = s.allowed_origins;
  result.web_folder = gateway::find_web_folder();
  result.limits = gateway_limits(s);
  for (const std::string& text : s.trusted_proxies) {
    if (const auto network = net::Network::parse(text)) result.trusted_proxies.push_back(*network);
  }
  return result;
}

net::HttpServerOptions server_options(const config::Endpoint& endpoint) {
  net::HttpServerOptions options;
  options.address = endpoint.host.empty() ? "::" : endpoint.host;
  options.port = endpoint.port;
  options.on_fault = [](std::string_view why) { log::error("http.fault", {{"error", why}}); };
  return options;
}

std::function<void(const Error&)> failure_logger(std::string group) {
  return [group = std::move(group)](const Error& error) {
    metrics::counter("respring_bus_failures_total", {{"group", group}}).add();
    log::warn("events.follow_failed", {{"group", group}, {"error", error.detail}});
  };
}

}  // namespace

Roles::Roles(Platform& p, const Settings& settings, bool with_demo)
    : platform_(p),
      message_(*p.log, *p.pub_sub),
      user_({*p.users, message_, *p.cache, *p.limiter, *p.pub_sub, p.clock, *p.passwords,
             p.io->at(0).get_executor()},
            user_settings(settings)),
      room_({*p.directory, message_, user_, p.clock}),
      search_({*p.index, message_, room_}),
      node_({user_, message_, room_, *p.pub_sub, *p.presence, *p.limiter},
            websocket_settings(settings), "node-1", *p.io),
      sweep_timer_(p.io->at(0)) {
  user_.connect(room_);
  user::add_routes(user_routes_, user_, *p.seal);
  room::add_routes(room_routes_, room_, *p.seal, {settings.public_url});
  message::add_routes(message_routes_, {message_, room_});
  search::add_routes(search_routes_, search_, *p.seal);
  std::vector<gateway::Upstream> upstreams;
  upstreams.push_back(gateway::upstream_of("user", user_routes_));
  upstreams.push_back(gateway::upstream_of("message", message_routes_));
  upstreams.push_back(gateway::upstream_of("room", room_routes_));
  upstreams.push_back(gateway::upstream_of("search", search_routes_));
  if (with_demo) {
    upstreams.push_back(gateway::upstream_of("demo", demo_links_.routes()));
    upstreams.back().open = true;
  }
  gateway_ = std::make_unique<gateway::Gateway>(gateway::Ports{user_, *p.limiter},
                                                gateway_settings(settings), documents(),
                                                std::move(upstreams));
  admin_routes_ = admin_router(
      health_, [this] { drain(); },
      [this] {
        refresh_figures(platform_);
        const auto open = static_cast<double>(public_server_->connections());
        metrics::gauge("respring_http_connections", {{"listener", "public"}}).set(open);
      });
  add_followers();
  add_checks();
  make_servers(settings);
}

void Roles::add_followers() {
  const auto executor = platform_.io->at(0).get_executor();
  chat::EventFollower::Options lists{.group = "room-lists",
                                     .topic = std::string(chat::kRoomEventsTopic)};
  lists.apply = [this, executor](const std::vector<chat::BusRecord>& records) {
    return room::follow_memberships(records, *platform_.directory, executor);
  };
  lists.on_error = failure_logger(lists.group);
  chat::EventFollower::Options indexer{.group = "search-index",
                                       .topic = std::string(chat::kRoomEventsTopic)};
  indexer.apply = [this, executor](const std::vector<chat::BusRecord>& records) {
    return search::index_events(records, *platform_.index, message_, executor);
  };
  indexer.on_error = failure_logger(indexer.group);
  for (auto* options : {&lists, &indexer}) {
    followers_.push_back(
        std::make_unique<chat::EventFollower>(*platform_.bus, std::move(*options)));
  }
}

void Roles::add_checks() {
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
  auto handler = [this](net::Request& request) { return gateway_->handle(request); };
  auto upgrade = [this](net::Request& request) { return this->upgrade(request); };
  public_server_ =
      std::make_unique<net::HttpServer>(*platform_.io, std::move(open), handler, upgrade);
  auto admin = [this](net::Request& request) { return admin_routes_.handle(request); };
  admin_server_ =
      std::make_unique<net::HttpServer>(*platform_.io, server_options(s.admin_listen), admin);
}

Task<net::UpgradeDecision> Roles::upgrade(net::Request& request) {
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
    node_.accept(std::move(socket), session, language);
  };
  co_return decision;
}

Result<void> Roles::start() {
  platform_.io->start();
  node_.start();
  for (const auto& follower : followers_) follower->start();
  background_.spawn(platform_.io->at(0).get_executor(), finish_rooms(*this));
  RESPRING_TRYV(admin_server_->start());
  return public_server_->start();
}

Task<void> Roles::finish_rooms(Roles& roles) {
  constexpr std::chrono::seconds kEvery{30};
  constexpr std::chrono::seconds kOldEnough{10};  // a request may be at it right now
  while (!roles.draining_) {
    const auto now = std::chrono::steady_clock::now();
    const auto done = co_await roles.room_.finish_reserved(roles.platform_.clock.now() - kOldEnough,
                                                           now + kEvery);
    if (!done) log::warn("rooms.finish_failed", {{"error", done.error().detail}});
    if (roles.draining_) co_return;
    roles.sweep_timer_.expires_after(kEvery);
    boost::system::error_code cancelled;
    co_await roles.sweep_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

void Roles::reload(const Settings& settings) {
  user_.reload(user_settings(settings));
  gateway_->reload(gateway_settings(settings));
  node_.reload(websocket_settings(settings));
}

Result<std::vector<Roles::DemoLogIn>> Roles::make_demo_people() {
  RESPRING_TRY(auto people, make_demo(platform_, user_, room_, message_));
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
  node_.begin_drain(reconnect_spread_);
  asio::post(platform_.io->at(0), [this] { sweep_timer_.cancel(); });
}

bool Roles::stop(std::chrono::milliseconds grace) {
  if (std::exchange(stopped_, true)) return true;
  drain();
  public_server_->drain();
  node_.stop();
  const bool whole = public_server_->stop(grace);
  for (const auto& follower : followers_) follower->stop();
  admin_server_->stop(std::chrono::milliseconds(200));
  background_.wait();
  gateway_->wait();
  return whole;
}

}  // namespace respring::cmd
