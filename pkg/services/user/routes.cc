#include "services/user/routes.h"

#include "chat/codec.h"
#include "chat/requests.h"
#include "chat/text.h"
#include "services/user/bodies.h"
#include "services/user/context.h"
#include "services/user/export.h"
#include "services/user/pages.h"

namespace respring::user {
namespace {

using net::Method;
using net::PathParams;
using net::Request;
using net::Response;

void write_user(json::Writer& w, const chat::User& user) { chat::write_json(w, user); }

Response own_form(int status, const chat::User& user) {
  json::Writer w;
  chat::write_json(w, user, true);
  return net::json_response(status, w.take());
}

Result<UserId> user_of(const PathParams& path) {
  const auto user = path.id<UserId>("user");
  if (!user) return not_found("no such user");
  return *user;
}

Task<Result<Response>> register_user(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(NewAccount account, read_new_account(request.body));
  RESPRING_CO_TRY(const chat::User made,
                  co_await c.service.register_user(std::move(account), request.remote_ip));
  co_return own_form(201, made);
}

Task<Result<Response>> me(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(const chat::User user, co_await c.service.user(request.principal->user));
  co_return own_form(200, user);
}

Task<Result<Response>> update(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(ProfilePatch patch, read_profile_patch(request.body));
  const net::Principal principal = *request.principal;
  RESPRING_CO_TRY(const chat::User user,
                  co_await c.service.update(principal.user, principal.session, std::move(patch)));
  co_return own_form(200, user);
}

Task<Result<Response>> erase(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRYV(net::require_json_body(request));
  RESPRING_CO_TRY(EraseRequest wanted, read_erase(request.body));
  RESPRING_CO_TRYV(co_await c.service.erase(request.principal->user, std::move(wanted.password),
                                            wanted.messages, request.traceparent));
  co_return net::no_content();
}

Task<Result<Response>> export_all(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRYV(net::Query(request).done());
  const net::Principal principal = *request.principal;
  auto lines = std::make_shared<Export>(c.service.store(), c.service.log(), principal);
  Response response;
  response.content_type = "application/jsonl; charset=utf-8";
  response.headers.add("Content-Disposition", "attachment; filename=\"respring-export.jsonl\"");
  response.stream = [lines] { return lines->next(); };
  co_return response;
}

Task<Result<Response>> one(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(const UserId id, user_of(path));
  RESPRING_CO_TRY(const chat::User user, co_await c.service.user(id));
  co_return net::json_response(200, chat::to_json(user));
}

Task<Result<Response>> find(RouteContext c, Request& request, const PathParams&) {
  net::Query query(request);
  const auto given = query.text("query");
  if (!given) query.fail("query", "required");
  std::string wanted;
  if (given) {
    auto checked = chat::checked_name("query", *given, chat::kMaxQueryCodePoints);
    if (checked) {
      wanted = std::move(checked).assume_value();
    } else {
      query.fail("query", checked.error().fields.front().code);
    }
  }
  const Pages pages(c.seal, "users:" + wanted);
  const Page page = pages.read(query);
  RESPRING_CO_TRYV(query.done());
  RESPRING_CO_TRY(const auto rows,
                  co_await c.service.store().find(wanted, UserId{page.after}, page.limit + 1));
  co_return net::json_response(200, pages.json(rows, page, write_user));
}

Task<Result<Response>> blocks(RouteContext c, Request& request, const PathParams&) {
  const UserId user = request.principal->user;
  const Pages pages(c.seal, "blocks:" + user.str());
  net::Query query(request);
  const Page page = pages.read(query);
  RESPRING_CO_TRYV(query.done());
  RESPRING_CO_TRY(const auto rows,
                  co_await c.service.store().blocks(user, UserId{page.after}, page.limit + 1));
  co_return net::json_response(200, pages.json(rows, page, write_user));
}

Task<Result<Response>> set_block(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  RESPRING_CO_TRY(const UserId other, user_of(path));
  const bool on = request.method == Method::put;
  RESPRING_CO_TRYV(
      co_await c.service.set_block(request.principal->user, other, on, request.traceparent));
  co_return net::no_content();
}

}  // namespace

void add_account_routes(net::Router& router, UserService& service, const chat::CursorSeal& seal) {
  const RouteContext c{service, seal};
  router.add(Method::post, "/v1/users", bind(c, register_user));
  router.add(Method::get, "/v1/users", bind(c, find));
  router.add(Method::get, "/v1/users/me", bind(c, me));
  router.add(Method::patch, "/v1/users/me", bind(c, update));
  router.add(Method::delete_, "/v1/users/me", bind(c, erase));
  router.add(Method::get, "/v1/users/me/export", bind(c, export_all));
  router.add(Method::get, "/v1/users/me/blocks", bind(c, blocks));
  router.add(Method::put, "/v1/users/me/blocks/{user}", bind(c, set_block));
  router.add(Method::delete_, "/v1/users/me/blocks/{user}", bind(c, set_block));
  router.add(Method::get, "/v1/users/{user}", bind(c, one));
}

void add_routes(net::Router& router, UserService& service, const chat::CursorSeal& seal) {
  add_account_routes(router, service, seal);
  add_session_routes(router, service, seal);
}

}  // namespace respring::user
