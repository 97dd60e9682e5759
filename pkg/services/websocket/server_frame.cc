#include "services/websocket/server_frame.h"

#include "base/json.h"

namespace respring::websocket {
namespace {

json::Writer begin(std::string_view op) {
  json::Writer w;
  w.begin_object().field("op", op);
  return w;
}

std::string end(json::Writer& w) {
  w.end_object();
  return w.take();
}

void write_heads(json::Writer& w, std::string_view key, const Heads& heads) {
  w.key(key).begin_object();
  for (const auto& [room, head] : heads) {
    w.key(room.str()).begin_array().value(head.epoch).value(head.seq).end_array();
  }
  w.end_object();
}

}  // namespace

std::string welcome_frame(const chat::Session& session, std::int64_t heartbeat_seconds,
                          std::string_view node) {
  json::Writer w = begin("welcome");
  w.field("session", session.id.str()).field("user", session.user.str());
  w.field("heartbeat", heartbeat_seconds).field("node", node);
  return end(w);
}

std::string ready_frame(const Heads& heads, const std::vector<std::pair<RoomId, Seq>>& first) {
  json::Writer w = begin("ready");
  write_heads(w, "heads", heads);
  w.key("first").begin_object();
  for (const auto& [room, seq] : first) w.field(room.str(), seq);
  w.end_object();
  return end(w);
}

std::string ack_frame(const std::string& ref, RoomId room, const chat::Written& written,
                      Acked what) {
  json::Writer w = begin("ack");
  w.field("ref", ref).field("room", room.str()).field("seq", written.seq);
  w.field("at", to_rfc3339(written.at));
  if (what == Acked::send)
    w.field("ordinal", written.ordinal).field("duplicate", written.duplicate);
  if (what == Acked::change) w.field("version", written.version);
  return end(w);
}

std::string error_frame(const Ref& ref, const Error& error, net::Language language) {
  json::Writer w = begin("error");
  if (ref) w.field("ref", *ref);
  w.field("code", name_of(error.code)).field("title", net::title_of(error.code, language));
  if (error.retry_after) w.field("retry_after", (error.retry_after->count() + 999) / 1000);
  if (!error.fields.empty()) {
    w.key("errors").begin_array();
    for (const FieldError& field : error.fields) {
      w.begin_object().field("field", field.field).field("code", field.code).end_object();
    }
    w.end_array();
  }
  return end(w);
}

std::string event_frame(std::string_view event_json) {
  std::string frame = R"({"op":"event",)";
  frame.append(event_json.substr(1));
  return frame;
}

std::string heads_frame(const Heads& heads) {
  json::Writer w = begin("heads");
  write_heads(w, "rooms", heads);
  return end(w);
}

std::string lag_frame(RoomId room, Seq head) {
  json::Writer w = begin("lag");
  w.field("room", room.str()).field("head", head);
  return end(w);
}

std::string limited_frame(const chat::SyncLimited& item) {
  json::Writer w = begin("limited");
  w.field("room", item.room.str()).field("from", item.from).field("to", item.to);
  return end(w);
}

std::string reset_frame(const chat::SyncReset& item) {
  json::Writer w = begin("reset");
  w.field("room", item.room.str()).field("epoch", item.epoch);
  w.field("first_seq", item.first_seq).field("head", item.head);
  return end(w);
}

std::string gone_frame(std::string_view room) {
  json::Writer w = begin("gone");
  w.field("room", room);
  return end(w);
}

std::string synced_frame(const std::string& ref, const Heads& heads) {
  json::Writer w = begin("synced");
  w.field("ref", ref);
  write_heads(w, "heads", heads);
  return end(w);
}

std::string pong_frame(const std::string& ref) {
  json::Writer w = begin("pong");
  w.field("ref", ref);
  return end(w);
}

std::string reconnect_frame(std::int64_t after_ms) {
  json::Writer w = begin("reconnect");
  w.field("after_ms", after_ms);
  return end(w);
}

std::string typing_frame(RoomId room, UserId user) {
  json::Writer w = begin("typing");
  w.field("room", room.str()).field("user", user.str());
  return end(w);
}

std::string presence_frame(UserId user, bool online) {
  json::Writer w = begin("presence");
  w.field("user", user.str()).field("online", online);
  return end(w);
}

}  // namespace respring::websocket
