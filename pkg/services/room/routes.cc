#include "services/room/routes.h"

#include "chat/codec.h"
#include "chat/limits.h"
#include "chat/requests.h"
#include "chat/text.h"
#include "services/room/list_page.h"
#include "services/room/member_routes.h"
#include "services/room/route_context.h"

namespace respring::room {
namespace {

using net::Method;
using net::PathParams;
using net::Request;
using net::Response;

/// The ids of `members`; a malformed one names nobody.
Result<std::vector<UserId>> members_of(json::Fields& fields, bool required) {
  std::vector<UserId> users;
  const json::Array* items = fields.array("members", required);
  if (!items) return users;
  if (items->size() > chat::kMaxFounders) fields.fail("members", "too_long");
  for (const json::Value& item : *items) {
    const std::string* text = item.as_string();
    if (!text) {
      fields.fail("members", "wrong_type");
      break;
    }
    const auto user = UserId::parse(*text);
    if (!user) return not_found("no such user");
    users.push_back(*user);
  }
  return users;
}

Task<Result<Response>> create(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  const auto kind_name = fields.text("kind");
  const auto kind = chat::room_kind_named(kind_name.value_or(""));
  if (kind_name && !kind) fields.fail("kind", "invalid");
  const bool direct = kind == chat::RoomKind::direct;
  std::string title;
  if (!direct) title = read_title(fields);
  auto members = members_of(fields, direct);
  if (direct && members && members.value().size() != 1) fields.fail("members", "exactly_one");
  RESPRING_CO_TRYV(fields.done());
  RESPRING_CO_TRY(std::vector<UserId> users, std::move(members));

  Asker by = asker_of(request);
  if (direct) {
    RESPRING_CO_TRY(const NewRoom opened,
                    co_await c.service.open_direct(std::move(by), users.front()));
    co_return net::json_response(opened.existed ? 200 : 201, chat::to_json(opened.room));
  }
  RESPRING_CO_TRY(const NewRoom made, co_await c.service.create_group(
                                          std::move(by), std::move(title), std::move(users)));
  co_return net::json_response(201, chat::to_json(made.room));
}

Task<Result<Response>> list(RouteContext c, Request& request, const PathParams&) {
  net::Query query(request);
  const auto limit = query.integer("limit", 1, chat::kMaxPage, chat::kDefaultPage);
  const auto cursor = query.text("cursor");
  RESPRING_CO_TRYV(query.done());
  co_return co_await list_page(c, request.principal->user, static_cast<std::size_t>(limit), cursor);
}

Task<Result<Response>> get(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(const chat::RoomView view,
                  co_await c.service.room(request.principal->user, room));
  co_return net::json_response(200, chat::to_json(view));
}

Task<Result<Response>> patch(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  const bool changes = fields.has("title");
  std::string title;
  if (changes) title = read_title(fields);
  RESPRING_CO_TRYV(fields.done());
  const UserId actor = request.principal->user;
  if (changes) {
    Asker by = asker_of(request);
    RESPRING_CO_TRYV(co_await c.service.retitle(std::move(by), room, std::move(title)));
  }
  RESPRING_CO_TRY(const chat::RoomView view, co_await c.service.room(actor, room));
  co_return net::json_response(200, chat::to_json(view));
}

Task<Result<Response>> close(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  Asker by = asker_of(request);
  RESPRING_CO_TRYV(co_await c.service.close(std::move(by), room));
  co_return net::no_content();
}

Task<Result<Response>> preferences(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  const auto muted = fields.boolean("muted", false);
  const auto pinned = fields.boolean("pinned", false);
  RESPRING_CO_TRYV(fields.done());
  const UserId user = request.principal->user;
  RESPRING_CO_TRYV(co_await c.service.set_preferences(user, room, muted, pinned));
  RESPRING_CO_TRY(const ListEntry entry, co_await c.service.entry(user, room));
  json::Writer w;
  w.begin_object().field("muted", entry.muted).field("pinned", entry.pinned).end_object();
  co_return net::json_response(200, w.take());
}

}  // namespace

std::string read_title(json::Fields& fields) {
  const auto text = fields.text("title");
  if (!text) return {};
  auto title = chat::checked_name("title", *text, chat::kMaxTitleCodePoints);
  if (title) return std::move(title).value();
  fields.fail("title", title.error().fields.empty() ? "invalid" : title.error().fields[0].code);
  return {};
}

Asker asker_of(const Request& request) {
  return {request.principal->user, request.deadline, request.traceparent};
}

Result<RoomId> room_in(const PathParams& path) {
  const auto room = path.id<RoomId>("room");
  if (!room) return not_found("no such room");
  return *room;
}

net::FallibleHandler bind(RouteContext context, Route route) {
  return [context, route](Request& request, const PathParams& path) {
    return route(context, request, path);
  };
}

void add_routes(net::Router& router, RoomService& service, const chat::CursorSeal& seal,
                RouteSettings settings) {
  const RouteContext c{service, seal, std::move(settings)};
  const std::string one = "/v1/rooms/{room}";
  router.add(Method::post, "/v1/rooms", bind(c, create));
  router.add(Method::get, "/v1/rooms", bind(c, list));
  router.add(Method::get, one, bind(c, get));
  router.add(Method::patch, one, bind(c, patch));
  router.add(Method::delete_, one, bind(c, close));
  router.add(Method::put, one + "/preferences", bind(c, preferences));
  add_member_routes(router, c);
}

}  // namespace respring::room
