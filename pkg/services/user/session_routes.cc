#include "chat/codec.h"
#include "chat/requests.h"
#include "net/cookie.h"
#include "services/user/bodies.h"
#include "services/user/context.h"
#include "services/user/pages.h"
#include "services/user/routes.h"

namespace respring::user {
namespace {

using net::Method;
using net::PathParams;
using net::Request;
using net::Response;

Task<Result<Response>> log_in(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(LogIn attempt, read_log_in(request.body));
  RESPRING_CO_TRY(const LoggedIn in, co_await c.service.log_in(std::move(attempt)));
  const std::string& token = in.opened.token.reveal();
  json::Writer w;
  w.begin_object().field("token", token).key("session");
  chat::write_json(w, in.opened.session, in.opened.session.id);
  w.key("user");
  chat::write_json(w, in.user, true);
  w.field("expires_at", to_rfc3339(in.opened.session.expires_at)).end_object();
  Response response = net::json_response(201, w.take());
  net::set_session_cookie(response, request, token, std::chrono::days(c.service.session_days()));
  co_return response;
}

Task<Result<Response>> list(RouteContext c, Request& request, const PathParams&) {
  const net::Principal me = *request.principal;
  const Pages pages(c.seal, "sessions:" + me.user.str());
  net::Query query(request);
  const Page page = pages.read(query);
  RESPRING_CO_TRYV(query.done());
  RESPRING_CO_TRY(const auto rows, co_await c.service.store().sessions(
                                       me.user, SessionId{page.after}, page.limit + 1));
  const Time now = c.service.clock().now();
  const auto write = [&](json::Writer& w, const chat::Session& session) {
    if (session.expires_at > now) chat::write_json(w, session, me.session);
  };
  co_return net::json_response(200, pages.json(rows, page, write));
}

Task<Result<Response>> end(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  const net::Principal me = *request.principal;
  const auto session =
      path["session"] == "current" ? std::optional(me.session) : path.id<SessionId>("session");
  if (!session) co_return not_found("no such session");
  RESPRING_CO_TRYV(co_await c.service.sessions().end(me.user, *session));
  Response response = net::no_content();
  if (*session == me.session)
    net::set_session_cookie(response, request, "", std::chrono::seconds(0));
  co_return response;
}

Task<Result<Response>> issue_ticket(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  const net::Principal me = *request.principal;
  RESPRING_CO_TRY(const WsTicket issued,
                  co_await c.service.sessions().issue_ticket(me.user, me.session));
  json::Writer w;
  w.begin_object().field("ticket", issued.ticket.reveal());
  w.field("expires_in", std::int64_t{issued.life.count()}).end_object();
  co_return net::json_response(201, w.take());
}

}  // namespace

void add_session_routes(net::Router& router, UserService& service, const chat::CursorSeal& seal) {
  const RouteContext c{service, seal};
  router.add(Method::post, "/v1/sessions", bind(c, log_in));
  router.add(Method::get, "/v1/sessions", bind(c, list));
  router.add(Method::delete_, "/v1/sessions/{session}", bind(c, end));
  router.add(Method::post, "/v1/ws-tickets", bind(c, issue_ticket));
}

}  // namespace respring::user
