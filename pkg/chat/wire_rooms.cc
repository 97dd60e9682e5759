// People, rooms and who is in them.
#include "chat/wire.h"
#include "chat/wire_names.h"

namespace respring::chat::wire {

void write(json::Writer& w, const User& user) {
  w.begin_object().field("id", user.id.str()).field("handle", user.handle);
  w.field("display_name", user.display_name).field("deleted", user.deleted);
  w.field("disabled", user.disabled).field("locale", user.locale);
  w.field("created_at", to_rfc3339(user.created_at)).end_object();
}

template <>
Result<User> read(const json::Value& value) {
  json::Fields fields(value);
  User user;
  user.id = take_id<UserId>(fields, "id");
  user.handle = take_text(fields, "handle");
  user.display_name = take_text(fields, "display_name");
  user.deleted = take_bool(fields, "deleted");
  user.disabled = take_bool(fields, "disabled");
  user.locale = take_text(fields, "locale");
  user.created_at = take_time(fields, "created_at");
  RESPRING_TRYV(fields.done());
  return user;
}

void write(json::Writer& w, const Session& session) {
  w.begin_object().field("id", session.id.str()).field("user", session.user.str());
  w.field("device", session.device).field("created_at", to_rfc3339(session.created_at));
  w.field("last_used_at", to_rfc3339(session.last_used_at));
  w.field("expires_at", to_rfc3339(session.expires_at)).end_object();
}

template <>
Result<Session> read(const json::Value& value) {
  json::Fields fields(value);
  Session session;
  session.id = take_id<SessionId>(fields, "id");
  session.user = take_id<UserId>(fields, "user");
  session.device = take_text(fields, "device");
  session.created_at = take_time(fields, "created_at");
  session.last_used_at = take_time(fields, "last_used_at");
  session.expires_at = take_time(fields, "expires_at");
  RESPRING_TRYV(fields.done());
  return session;
}

void write(json::Writer& w, const Member& member) {
  w.begin_object().field("user", member.user.str()).field("role", name_of(member.role));
  w.field("joined_seq", member.joined_seq).field("read_seq", member.read_seq).end_object();
}

template <>
Result<Member> read(const json::Value& value) {
  json::Fields fields(value);
  Member member;
  member.user = take_id<UserId>(fields, "user");
  member.role = take_named<Role>(fields, "role");
  member.joined_seq = take_int(fields, "joined_seq");
  member.read_seq = take_int(fields, "read_seq");
  RESPRING_TRYV(fields.done());
  return member;
}

void write(json::Writer& w, const Founder& founder) {
  w.begin_object().field("user", founder.user.str());
  w.field("role", name_of(founder.role)).end_object();
}

template <>
Result<Founder> read(const json::Value& value) {
  json::Fields fields(value);
  Founder founder;
  founder.user = take_id<UserId>(fields, "user");
  founder.role = take_named<Role>(fields, "role");
  RESPRING_TRYV(fields.done());
  return founder;
}

void write(json::Writer& w, const Head& head) {
  w.begin_object().field("epoch", head.epoch).field("seq", head.seq);
  w.field("ordinal", head.ordinal).end_object();
}

template <>
Result<Head> read(const json::Value& value) {
  json::Fields fields(value);
  Head head;
  head.epoch = take_int(fields, "epoch");
  head.seq = take_int(fields, "seq");
  head.ordinal = take_int(fields, "ordinal");
  RESPRING_TRYV(fields.done());
  return head;
}

void write(json::Writer& w, const RoomView& room) {
  w.begin_object().field("id", room.id.str()).field("kind", name_of(room.kind));
  if (room.title) w.field("title", *room.title);
  w.field("created_at", to_rfc3339(room.created_at)).field("member_count", room.member_count);
  w.field("role", name_of(room.role));
  if (room.peer) w.field("peer", room.peer->str());
  w.key("head");
  write(w, room.head);
  w.field("first_seq", room.first_seq).field("read_seq", room.read_seq);
  w.field("unread", room.unread).field("last_at", to_rfc3339(room.last_at));
  if (room.last_message) {
    w.key("last_message");
    write(w, *room.last_message);
  }
  w.end_object();
}

template <>
Result<RoomView> read(const json::Value& value) {
  json::Fields fields(value);
  RoomView room;
  room.id = take_id<RoomId>(fields, "id");
  room.kind = take_named<RoomKind>(fields, "kind");
  room.title = fields.text("title", false);
  room.created_at = take_time(fields, "created_at");
  room.member_count = take_int(fields, "member_count");
  room.role = take_named<Role>(fields, "role");
  room.peer = take_optional<UserId>(fields, "peer");
  room.head = take<Head>(fields, "head");
  room.first_seq = take_int(fields, "first_seq");
  room.read_seq = take_int(fields, "read_seq");
  room.unread = take_int(fields, "unread");
  room.last_at = take_time(fields, "last_at");
  room.last_message = take_optional<Message>(fields, "last_message");
  RESPRING_TRYV(fields.done());
  return room;
}

void write(json::Writer& w, const ReachableRooms& rooms) {
  w.begin_object().key("views");
  write(w, rooms.views);
  w.key("unreachable");
  write(w, rooms.unreachable);
  w.end_object();
}

template <>
Result<ReachableRooms> read(const json::Value& value) {
  json::Fields fields(value);
  ReachableRooms rooms;
  rooms.views = take_all<RoomView>(fields, "views");
  rooms.unreachable = take_all<RoomId>(fields, "unreachable");
  RESPRING_TRYV(fields.done());
  return rooms;
}

}  // namespace respring::chat::wire
