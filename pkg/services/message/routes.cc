#include "services/message/routes.h"

#include <unordered_set>

#include "chat/codec.h"
#include "chat/limits.h"
#include "chat/requests.h"
#include "services/message/sync_json.h"

namespace respring::message {
namespace {

using net::Method;
using net::PathParams;
using net::Request;
using net::Response;

/// A room that is malformed in the path does not exist, like any room one is not a member of.
Result<RoomId> room_of(const PathParams& path) {
  const auto room = path.id<RoomId>("room");
  if (!room) return not_found("no such room");
  return *room;
}

Result<Seq> seq_of(const PathParams& path) {
  const auto seq = parse_id(path["seq"]);
  if (!seq) return not_found("no such message");
  return *seq;
}

Task<Result<chat::Written>> write(RouteContext& c, const Request& request, RoomId room,
                                  chat::Command command) {
  chat::Write write{room, request.principal->user, std::move(command), request.deadline,
                    request.traceparent};
  co_return co_await c.log.write(std::move(write));
}

Task<Result<Response>> send(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  chat::Command command = chat::read_send(fields);
  RESPRING_CO_TRYV(fields.done());
  RESPRING_CO_TRY(const chat::Written written,
                  co_await write(c, request, room, std::move(command)));
  json::Writer w;
  w.begin_object().key("message");
  chat::write_json(w, *written.message);
  w.field("duplicate", written.duplicate).end_object();
  co_return net::json_response(written.duplicate ? 200 : 201, w.take());
}

Result<chat::HistoryQuery> history_query(Request& request) {
  using Anchor = chat::HistoryQuery::Anchor;
  net::Query query(request);
  chat::HistoryQuery result;
  int anchors = 0;
  for (const auto& [name, anchor] :
       {std::pair("before", Anchor::before), std::pair("after", Anchor::after),
        std::pair("around", Anchor::around)}) {
    const auto seq = query.integer(name, 0, INT64_MAX);
    if (!seq) continue;
    result.anchor = anchor;
    result.seq = *seq;
    if (++anchors > 1) query.fail(name, "exclusive");
  }
  result.limit = static_cast<int>(query.integer("limit", 1, chat::kMaxPage, chat::kDefaultPage));
  RESPRING_TRYV(query.done());
  return result;
}

Task<Result<Response>> history(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const chat::HistoryQuery query, history_query(request));
  RESPRING_CO_TRY(const chat::History page,
                  co_await c.log.history(request.principal->user, room, query));
  json::Writer w;
  w.begin_object().key("messages").begin_array();
  for (const chat::Message& message : page.messages) chat::write_json(w, message);
  w.end_array().field("has_older", page.has_older).field("has_newer", page.has_newer).end_object();
  co_return net::json_response(200, w.take());
}

Task<Result<Response>> one_message(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const Seq seq, seq_of(path));
  RESPRING_CO_TRYV(net::Query(request).done());
  RESPRING_CO_TRY(const chat::Message message,
                  co_await c.log.message(request.principal->user, room, seq));
  co_return net::json_response(200, chat::to_json(message));
}

Task<Result<Response>> edit(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const Seq seq, seq_of(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  chat::Command command = chat::Edit{seq, chat::read_message_text(fields)};
  RESPRING_CO_TRYV(fields.done());
  RESPRING_CO_TRY(const chat::Written written,
                  co_await write(c, request, room, std::move(command)));
  co_return net::json_response(200, chat::to_json(*written.message));
}

Task<Result<Response>> remove(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const Seq seq, seq_of(path));
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  chat::Command command = chat::Delete{seq};
  RESPRING_CO_TRYV(co_await write(c, request, room, std::move(command)));
  co_return net::no_content();
}

Task<Result<Response>> react(RouteContext c, Request& request, const PathParams& path, bool on) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const Seq seq, seq_of(path));
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  RESPRING_CO_TRY(std::string emoji, chat::checked_reaction(path["emoji"]));
  chat::Command command = chat::React{seq, std::move(emoji), on};
  RESPRING_CO_TRY(const chat::Written written,
                  co_await write(c, request, room, std::move(command)));
  json::Writer w;
  w.begin_object().key("reactions");
  chat::write_json(w, written.message->reactions);
  w.end_object();
  co_return net::json_response(200, w.take());
}

Task<Result<Response>> read(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  const auto seq = fields.integer("seq");
  if (seq && *seq < 0) fields.fail("seq", "out_of_range");
  RESPRING_CO_TRYV(fields.done());
  chat::Command command = chat::Read{*seq};
  RESPRING_CO_TRY(const chat::Written written,
                  co_await write(c, request, room, std::move(command)));
  json::Writer w;
  w.begin_object().field("read_seq", written.read_seq).field("unread", written.unread).end_object();
  co_return net::json_response(200, w.take());
}

Task<Result<Response>> log(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_of(path));
  net::Query query(request);
  const Seq after = query.integer("after", 0, INT64_MAX, 0);
  const auto limit = query.integer("limit", 1, chat::kMaxLogPage, chat::kDefaultLogPage);
  RESPRING_CO_TRYV(query.done());
  RESPRING_CO_TRY(const chat::LogPage page, co_await c.log.log(request.principal->user, room, after,
                                                               static_cast<int>(limit)));
  json::Writer w;
  w.begin_object().field("epoch", page.epoch).field("first_seq", page.first_seq);
  w.field("head", page.head).key("events").begin_array();
  for (const chat::Event& event : page.events) chat::write_json(w, event);
  w.end_array().end_object();
  co_return net::json_response(200, w.take());
}

/// The user's rooms that he did not name: rooms he does not know of yet.
Task<Result<chat::ReachableRooms>> new_rooms(RouteContext& c, UserId user,
                                             const std::vector<chat::Cursor>& known) {
  std::unordered_set<RoomId> named;
  for (const chat::Cursor& cursor : known) named.insert(cursor.room);
  RESPRING_CO_TRY(std::vector<RoomId> rooms, co_await c.lists.rooms_of(user));
  std::erase_if(rooms, [&](RoomId room) { return named.contains(room); });
  co_return co_await c.log.reachable_rooms(user, std::move(rooms), false);
}

Task<Result<Response>> sync(RouteContext c, Request& request, const PathParams&) {
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body));
  json::Fields fields(body);
  const chat::AskedCursors asked = chat::read_cursors(fields, "rooms", true);
  RESPRING_CO_TRYV(fields.done());
  const UserId user = request.principal->user;
  RESPRING_CO_TRY(const auto items, co_await c.log.sync(user, asked.cursors, chat::kMaxSyncEvents));
  RESPRING_CO_TRY(const auto fresh, co_await new_rooms(c, user, asked.cursors));
  co_return net::json_response(200, sync_json(items, asked.rooms, fresh));
}

using Route = Task<Result<Response>> (*)(RouteContext, Request&, const PathParams&);

net::FallibleHandler bind(RouteContext context, Route route) {
  return [context, route](Request& request, const PathParams& path) {
    return route(context, request, path);
  };
}

Task<Result<Response>> react_on(RouteContext c, Request& request, const PathParams& path) {
  return react(c, request, path, true);
}
Task<Result<Response>> react_off(RouteContext c, Request& request, const PathParams& path) {
  return react(c, request, path, false);
}

}  // namespace

void add_routes(net::Router& router, RouteContext c) {
  const std::string messages = "/v1/rooms/{room}/messages";
  const std::string one = messages + "/{seq}";
  const std::string reaction = one + "/reactions/{emoji}";
  router.add(Method::post, messages, bind(c, send));
  router.add(Method::get, messages, bind(c, history));
  router.add(Method::get, one, bind(c, one_message));
  router.add(Method::patch, one, bind(c, edit));
  router.add(Method::delete_, one, bind(c, remove));
  router.add(Method::put, reaction, bind(c, react_on));
  router.add(Method::delete_, reaction, bind(c, react_off));
  router.add(Method::put, "/v1/rooms/{room}/read", bind(c, read));
  router.add(Method::get, "/v1/rooms/{room}/log", bind(c, log));
  router.add(Method::post, "/v1/sync", bind(c, sync));
}

}  // namespace respring::message
