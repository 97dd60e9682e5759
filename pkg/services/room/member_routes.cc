#include "services/room/member_routes.h"

#include <unordered_map>

#include "chat/codec.h"
#include "chat/limits.h"
#include "chat/requests.h"

namespace respring::room {
namespace {

using net::Method;
using net::PathParams;
using net::Request;
using net::Response;

constexpr std::int64_t kMaxInviteSeconds = 365LL * 24 * 3600;
constexpr std::int64_t kDefaultInviteSeconds = 7LL * 24 * 3600;
constexpr std::int64_t kMaxInviteUses = 10'000;

Result<UserId> user_in(const PathParams& path) {
  const auto user = path.id<UserId>("user");
  if (!user) return not_found("no such user");
  return *user;
}

/// Leaves the object open.
void write_member(json::Writer& w, const chat::Member& member, const chat::User& user) {
  w.begin_object().key("user");
  chat::write_json(w, user);
  w.field("role", name_of(member.role)).field("joined_seq", member.joined_seq);
}

std::string purpose_for(RoomId room) { return "members:" + room.str(); }

Result<std::optional<chat::Member>> open_cursor(const RouteContext& c, RoomId room,
                                                const std::optional<std::string>& cursor) {
  if (!cursor) return std::optional<chat::Member>();
  const auto text = c.seal.open(purpose_for(room), *cursor);
  if (!text) return invalid_field("cursor", "invalid");
  const std::size_t dot = text->find('.');
  const auto joined = parse_id(text->substr(0, dot));
  const auto user = dot == std::string::npos ? std::nullopt : UserId::parse(text->substr(dot + 1));
  if (!joined || !user) return invalid_field("cursor", "invalid");
  return std::optional(chat::Member{*user, chat::Role::member, *joined});
}

Task<Result<std::unordered_map<UserId, chat::User>>> people(chat::Accounts& accounts,
                                                            const std::vector<chat::Member>& all) {
  std::vector<UserId> ids;
  for (const chat::Member& member : all) ids.push_back(member.user);
  RESPRING_CO_TRY(auto users, co_await accounts.users(std::move(ids)));
  std::unordered_map<UserId, chat::User> by_id;
  for (chat::User& user : users) by_id.emplace(user.id, std::move(user));
  co_return by_id;
}

Task<Result<Response>> list(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  net::Query query(request);
  const auto limit = query.integer("limit", 1, chat::kMaxPage, chat::kDefaultPage);
  const auto cursor = query.text("cursor");
  RESPRING_CO_TRYV(query.done());
  RESPRING_CO_TRY(const auto after, open_cursor(c, room, cursor));
  RESPRING_CO_TRY(auto members,
                  co_await c.service.log().members(request.principal->user, room, after,
                                                   static_cast<int>(limit) + 1));
  const bool more = members.size() > static_cast<std::size_t>(limit);
  if (more) members.pop_back();
  RESPRING_CO_TRY(const auto users, co_await people(c.service.accounts(), members));
  json::Writer w;
  w.begin_object().key("items").begin_array();
  for (const chat::Member& member : members) {
    const auto found = users.find(member.user);
    if (found == users.end()) continue;
    write_member(w, member, found->second);
    w.field("read_seq", member.read_seq).end_object();
  }
  w.end_array();
  if (more) {
    const chat::Member& last = members.back();
    w.field("next_cursor", c.seal.seal(purpose_for(room),
                                       std::to_string(last.joined_seq) + "." + last.user.str()));
  }
  w.end_object();
  co_return net::json_response(200, w.take());
}

Task<Result<Response>> put(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRY(const UserId user, user_in(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body.empty() ? "{}" : request.body));
  json::Fields fields(body);
  const auto name = fields.text("role", false);
  const auto role = chat::role_named(name.value_or(""));
  if (name && !role) fields.fail("role", "invalid");
  RESPRING_CO_TRYV(fields.done());
  Asker by = asker_of(request);
  RESPRING_CO_TRY(const chat::Member member,
                  co_await c.service.set_member(std::move(by), room, user, role));
  RESPRING_CO_TRY(const auto users, co_await c.service.accounts().users(one(user)));
  if (users.empty()) co_return not_found("no such user");
  json::Writer w;
  write_member(w, member, users.front());
  w.end_object();
  co_return net::json_response(200, w.take());
}

Task<Result<Response>> remove(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRY(const UserId user, user_in(path));
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  Asker by = asker_of(request);
  RESPRING_CO_TRYV(co_await c.service.remove_member(std::move(by), room, user));
  co_return net::no_content();
}

std::string base_url(const RouteContext& c, const Request& request) {
  if (!c.settings.public_url.empty()) return c.settings.public_url;
  return request.peer_scheme + "://" + std::string(request.headers.find("host").value_or(""));
}

Task<Result<Response>> invite(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRY(const RoomId room, room_in(path));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body.empty() ? "{}" : request.body));
  json::Fields fields(body);
  const auto life = fields.integer("expires_in", false).value_or(kDefaultInviteSeconds);
  const auto uses = fields.integer("uses", false);
  if (life < 1 || life > kMaxInviteSeconds) fields.fail("expires_in", "out_of_range");
  if (uses && (*uses < 1 || *uses > kMaxInviteUses)) fields.fail("uses", "out_of_range");
  RESPRING_CO_TRYV(fields.done());
  const Time expires = c.service.clock().now() + std::chrono::seconds(life);
  const auto count = uses ? std::optional(static_cast<int>(*uses)) : std::nullopt;
  RESPRING_CO_TRY(const chat::Invite made,
                  co_await c.service.invite(request.principal->user, room, expires, count));
  json::Writer w;
  w.begin_object()
      .field("code", made.code)
      .field("url", base_url(c, request) + "/join/" + made.code);
  w.field("expires_at", to_rfc3339(expires)).end_object();
  co_return net::json_response(201, w.take());
}

Task<Result<Response>> join(RouteContext c, Request& request, const PathParams& path) {
  RESPRING_CO_TRYV(chat::read_nothing(request.body));
  Asker by = asker_of(request);
  RESPRING_CO_TRY(const chat::RoomView room, co_await c.service.join(std::move(by), path["code"]));
  co_return net::json_response(200, chat::to_json(room));
}

}  // namespace

void add_member_routes(net::Router& router, const RouteContext& c) {
  const std::string members = "/v1/rooms/{room}/members";
  router.add(Method::get, members, bind(c, list));
  router.add(Method::put, members + "/{user}", bind(c, put));
  router.add(Method::delete_, members + "/{user}", bind(c, remove));
  router.add(Method::post, "/v1/rooms/{room}/invites", bind(c, invite));
  router.add(Method::post, "/v1/invites/{code}", bind(c, join));
}

}  // namespace respring::room
