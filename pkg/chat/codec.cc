#include "chat/codec.h"

namespace respring::chat {
namespace {

void write_optional(json::Writer& w, std::string_view key, const std::optional<std::string>& text) {
  w.key(key);
  text ? w.value(*text) : w.null();
}

void write_raw_or_null(json::Writer& w, std::string_view key,
                       const std::optional<std::string>& json) {
  w.key(key);
  json ? w.raw(*json) : w.null();
}

void write_time_or_null(json::Writer& w, std::string_view key, const std::optional<Time>& time) {
  w.key(key);
  time ? w.value(to_rfc3339(*time)) : w.null();
}

void write_role_or_null(json::Writer& w, const std::optional<Role>& role) {
  w.key("role");
  role ? w.value(name_of(*role)) : w.null();
}

/// The members of an event that only its kind has.
struct BodyWriter {
  json::Writer& w;

  void operator()(const Created& body) const {
    w.field("kind_of_room", name_of(body.kind));
    write_optional(w, "title", body.title);
    w.key("members").begin_array();
    for (const Founder& founder : body.members) {
      w.begin_object().field("user", founder.user.str());
      w.field("role", name_of(founder.role)).end_object();
    }
    w.end_array();
  }
  void operator()(const Sent& body) const {
    w.key("message");
    write_json(w, body.message);
  }
  void operator()(const Edited& body) const {
    w.field("target", body.target);
    write_optional(w, "text", body.text);
    w.field("version", body.version);
  }
  void operator()(const Deleted& body) const {
    w.field("target", body.target).field("version", body.version);
  }
  void operator()(const Reacted& body) const {
    w.field("target", body.target).field("emoji", body.emoji).field("on", body.on);
  }
  void operator()(const MemberChanged& body) const {
    w.field("user", body.user.str());
    write_role_or_null(w, body.role);
  }
  void operator()(const Retitled& body) const { w.field("title", body.title); }
};

}  // namespace

void write_json(json::Writer& w, const Reactions& reactions) {
  w.begin_object();
  for (const auto& [emoji, users] : reactions) {
    w.key(emoji).begin_array();
    for (const UserId user : users) w.value(user.str());
    w.end_array();
  }
  w.end_object();
}

void write_json(json::Writer& w, const Message& m) {
  w.begin_object().field("room", m.room.str()).field("seq", m.seq).field("ordinal", m.ordinal);
  w.field("sender", m.sender.str()).field("cid", m.cid.str());
  write_optional(w, "text", m.text);
  w.key("reply_to");
  m.reply_to ? w.value(*m.reply_to) : w.null();
  w.key("attachments").raw(m.attachments);
  write_raw_or_null(w, "meta", m.meta);
  w.field("created_at", to_rfc3339(m.created_at));
  write_time_or_null(w, "edited_at", m.edited_at);
  w.field("deleted", m.deleted).key("reactions");
  write_json(w, m.reactions);
  w.field("version", m.version).end_object();
}

void write_json(json::Writer& w, const Event& event) {
  w.begin_object().field("room", event.room.str()).field("epoch", event.epoch);
  w.field("seq", event.seq).field("kind", kind_of(event.body));
  w.field("actor", event.actor.str()).field("at", to_rfc3339(event.at));
  std::visit(BodyWriter{w}, event.body);
  w.end_object();
}

void write_unavailable(json::Writer& w, const std::vector<RoomId>& rooms) {
  if (rooms.empty()) return;
  w.key("unavailable").begin_array();
  for (const RoomId room : rooms) w.value(room.str());
  w.end_array();
}

void write_json(json::Writer& w, const RoomView& room) {
  w.begin_object().field("id", room.id.str()).field("kind", name_of(room.kind));
  write_optional(w, "title", room.title);
  w.field("created_at", to_rfc3339(room.created_at)).field("member_count", room.member_count);
  w.field("role", name_of(room.role));
  if (room.peer) w.field("peer", room.peer->str());
  w.end_object();
}

void write_json(json::Writer& w, const User& user, bool own) {
  w.begin_object().field("id", user.id.str()).field("handle", user.handle);
  w.field("display_name", user.display_name).field("deleted", user.deleted);
  if (own) w.field("locale", user.locale).field("created_at", to_rfc3339(user.created_at));
  w.end_object();
}

void write_json(json::Writer& w, const Session& session, SessionId current) {
  w.begin_object().field("id", session.id.str()).field("device", session.device);
  w.field("created_at", to_rfc3339(session.created_at));
  w.field("last_used_at", to_rfc3339(session.last_used_at));
  w.field("current", session.id == current).end_object();
}

void write_json(json::Writer& w, const Head& head) {
  w.begin_object().field("epoch", head.epoch).field("seq", head.seq);
  w.field("ordinal", head.ordinal).end_object();
}

}  // namespace respring::chat
