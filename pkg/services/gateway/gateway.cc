#include "services/gateway/gateway.h"

#include "services/gateway/access.h"
#include "services/gateway/credentials.h"
#include "services/gateway/deadline.h"
#include "services/gateway/forwarded.h"
#include "services/gateway/security_headers.h"
#include "telemetry/metrics.h"
#include "telemetry/trace.h"

namespace respring::gateway {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::string_view kInternalHeaders = "x-respring-";
constexpr std::string_view kSendPattern = "/v1/rooms/{room}/messages";
constexpr std::string_view kWebSocketPath = "/v1/ws";
/// For a handler that gives up at the deadline to say so itself.
constexpr std::chrono::milliseconds kGrace{1000};

bool is_safe(Method method) { return method == Method::get || method == Method::head; }

bool is_api(std::string_view path) { return path == "/v1" || path.starts_with("/v1/"); }

/// The routes that nobody has to log in for.
bool is_public(Method method, std::string_view pattern) {
  if (method == Method::post) return pattern == "/v1/users" || pattern == "/v1/sessions";
  return is_safe(method) && (pattern == "/v1/openapi.json" || pattern == "/v1/asyncapi.json");
}

net::Handler document(std::string text) {
  return [text = std::move(text)](Request&, const net::PathParams&) {
    // A named coroutine: captures of a lambda that is one would die with it.
    auto answer = [](const std::string& json) -> Task<Response> {
      co_return net::json_response(200, json);
    };
    return answer(text);
  };
}

}  // namespace

Gateway::Gateway(Ports ports, Settings settings, Documents documents,
                 std::vector<Upstream> upstreams)
    : ports_(ports),
      settings_(std::move(settings)),
      policy_(Policy(settings_)),
      files_(settings_.web_pack),
      strict_transport_(normal_origin(settings_.public_url).starts_with("https:")),
      upstreams_(std::move(upstreams)),
      in_flight_(settings_.requests_in_flight_per_user) {
  own_.add(Method::get, "/v1/openapi.json", document(std::move(documents.openapi)));
  own_.add(Method::get, "/v1/asyncapi.json", document(std::move(documents.asyncapi)));
  upstreams_.insert(upstreams_.begin(), upstream_of("gateway", own_));
}

Task<Response> Gateway::handle(Request& request) {
  const auto started = std::chrono::steady_clock::now();
  prepare(request);
  const Found found = find(request);
  Response response = co_await answer(request, found);
  finish(request, response);
  note_access({request, response, found.upstream ? found.upstream->role : "web",
               found.pattern.empty() ? "none" : found.pattern,
               std::chrono::steady_clock::now() - started});
  co_return response;
}

/// What changes something says it in a JSON body, never in the query.
Result<void> Gateway::check_form(const Request& request) {
  if (is_safe(request.method)) return success();
  RESPRING_TRYV(net::Query(request).done());
  return net::require_json_body(request);
}

void Gateway::prepare(Request& request) const {
  believe_proxies(request, policy_.get()->proxies);
  request.headers.remove_prefix(kInternalHeaders);
  request.principal.reset();
  if (request.trace_id.empty()) {
    const auto given = trace::parse_traceparent(request.headers.find("traceparent").value_or(""));
    request.trace_id = given.value_or(trace::start()).trace_id_text();
  }
  request.deadline =
      std::min(request.deadline, std::chrono::steady_clock::now() + settings_.deadline);
}

void Gateway::finish(const Request& request, Response& response) const {
  response.headers.set("X-Trace-Id", request.trace_id);
  if (response.status == 401 && !response.headers.has("www-authenticate"))
    response.headers.add("WWW-Authenticate", "Bearer realm=\"respring\"");
  add_security_headers(response, request, strict_transport_);
}

Gateway::Found Gateway::find(const Request& request) const {
  Found found;
  for (const Upstream& upstream : upstreams_) {
    if (!upstream.serves(request)) continue;
    const std::string_view pattern = upstream.pattern(request);
    if (!pattern.empty()) return {&upstream, pattern};
    if (!found.upstream) found.upstream = &upstream;
  }
  return found;
}

/// What nobody serves: a page of the web client, or nothing.
Response Gateway::answer_unserved(const Request& request) const {
  if (!is_api(request.path) && is_safe(request.method)) return files_.answer(request);
  if (request.path == kWebSocketPath)
    return net::problem_response(invalid("this path is a WebSocket (RFC 6455)"), request);
  return net::problem_response(not_found("there is nothing at this path"), request);
}

Task<Response> Gateway::answer(Request& request, const Found& found) {
  auto place = co_await admit(request, found);
  if (!place) co_return net::problem_response(place.error(), request);
  if (!found.upstream) co_return answer_unserved(request);
  // A wrong method says so to everybody; the role knows the right ones.
  if (found.pattern.empty()) co_return co_await found.upstream->handle(request);
  const auto until = request.deadline + kGrace;
  // The handler may outlive this call and gets a request of its own; only it needs the body.
  std::string body = std::exchange(request.body, {});
  Request own = request;
  own.body = std::move(body);
  co_return co_await answer_within(running_, until, found.upstream->handle, std::move(own),
                                   std::move(place).assume_value());
}

Task<Result<InFlight::Place>> Gateway::admit(Request& request, const Found& found) {
  RESPRING_CO_TRYV(co_await within("requests_per_ip",
                                   "request:" + net::counted_as(request.remote_ip),
                                   limits().requests_per_ip));
  if (found.pattern.empty()) co_return InFlight::Place();
  if (found.upstream->open || is_public(request.method, found.pattern)) {
    RESPRING_CO_TRYV(check_form(request));
    co_return InFlight::Place();
  }
  RESPRING_CO_TRYV(co_await authenticate(request));
  RESPRING_CO_TRYV(check_form(request));
  const UserId user = request.principal->user;
  if (request.method == Method::post && found.pattern == kSendPattern) {
    // Counted together with what he sends over WebSockets: the key is the same there.
    RESPRING_CO_TRYV(
        co_await within("sends_per_user", "send:" + user.str(), limits().sends_per_user));
  }
  auto place = in_flight_.enter(user);
  if (!place) co_return overloaded("too many requests of yours are under way");
  co_return std::move(*place);
}

Task<Result<void>> Gateway::authenticate(Request& request) {
  RESPRING_CO_TRY(auto shown, credentials_of(request));
  if (!shown) co_return Error{ErrorCode::unauthenticated, "no credentials", {}, {}};
  if (shown->by_cookie && !is_safe(request.method) &&
      !policy_.get()->origins.allows_cookie(request))
    co_return forbidden("a request by cookie must come from an allowed origin");
  RESPRING_CO_TRY(const chat::Session session,
                  co_await ports_.accounts.authenticate(std::move(shown->token)));
  request.principal = net::Principal{session.user, session.id};
  request.by_cookie = shown->by_cookie;
  co_return success();
}

Task<Result<std::optional<chat::Session>>> Gateway::admit_websocket(Request& request) {
  prepare(request);
  RESPRING_CO_TRYV(co_await within("requests_per_ip",
                                   "request:" + net::counted_as(request.remote_ip),
                                   limits().requests_per_ip));
  if (request.headers.has("origin") && !policy_.get()->origins.allows(request))
    co_return forbidden("the origin is not allowed");
  RESPRING_CO_TRY(auto shown, credentials_of(request));
  if (!shown) co_return std::optional<chat::Session>();
  // Browsers always send an Origin here; who has none is not a page that could misuse a cookie.
  RESPRING_CO_TRY(chat::Session session,
                  co_await ports_.accounts.authenticate(std::move(shown->token)));
  request.principal = net::Principal{session.user, session.id};
  request.by_cookie = shown->by_cookie;
  co_return std::optional<chat::Session>(std::move(session));
}

Task<Result<void>> Gateway::within(std::string_view limit, std::string key, chat::RateLimit rate) {
  if (rate.off()) co_return success();
  const chat::RateDecision decision = co_await ports_.limiter.take(std::move(key), rate);
  if (decision.allowed) co_return success();
  metrics::counter("respring_rate_limited_total", {{"limit", std::string(limit)}}).add();
  co_return Error{ErrorCode::rate_limited, std::string(limit), {}, decision.retry_after};
}

Gateway::Policy::Policy(const Settings& settings)
    : limits(settings.limits),
      origins(settings.public_url, settings.allowed_origins),
      proxies(settings.trusted_proxies) {}

void Gateway::reload(const Settings& settings) { policy_.set(Policy(settings)); }

}  // namespace respring::gateway
