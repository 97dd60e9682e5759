#include "services/websocket/client_frame.h"

#include <array>
#include <utility>

#include "chat/limits.h"
#include "chat/requests.h"

namespace respring::websocket {
namespace {

using Body = decltype(ClientFrame::body);

/// A malformed id names a room that does not exist; id 0 never does.
RoomId read_room(json::Fields& fields) {
  const auto text = fields.text("room");
  return RoomId::parse(text.value_or("")).value_or(RoomId{});
}

Seq read_seq(json::Fields& fields) { return fields.integer("seq").value_or(0); }

Body read_hello(json::Fields& fields) {
  Hello hello;
  hello.ticket = fields.text("ticket", false);
  if (fields.has("rooms")) hello.rooms = chat::read_cursors(fields, "rooms", true);
  return hello;
}

Body read_send(json::Fields& fields) {
  const RoomId room = read_room(fields);
  return Change{room, chat::read_send(fields)};
}

Body read_edit(json::Fields& fields) {
  const RoomId room = read_room(fields);
  const Seq seq = read_seq(fields);
  return Change{room, chat::Edit{seq, chat::read_message_text(fields)}};
}

Body read_delete(json::Fields& fields) {
  const RoomId room = read_room(fields);
  return Change{room, chat::Delete{read_seq(fields)}};
}

Body read_react(json::Fields& fields) {
  const RoomId room = read_room(fields);
  chat::React react{read_seq(fields), {}, fields.boolean("on").value_or(true)};
  if (const auto text = fields.text("emoji")) {
    auto emoji = chat::checked_reaction(*text);
    if (!emoji) fields.fail("emoji", "invalid");
    if (emoji) react.emoji = std::move(emoji).value();
  }
  return Change{room, std::move(react)};
}

Body read_read(json::Fields& fields) {
  const RoomId room = read_room(fields);
  const Seq seq = read_seq(fields);
  if (seq < 0) fields.fail("seq", "out_of_range");
  return ReadTo{room, seq};
}

Body read_typing(json::Fields& fields) { return Typing{read_room(fields)}; }

Body read_presence(json::Fields& fields) {
  WatchPresence watch;
  const json::Array* rooms = fields.array("rooms");
  if (!rooms) return watch;
  if (rooms->size() > chat::kMaxSyncRooms) fields.fail("rooms", "too_long");
  for (const json::Value& item : *rooms) {
    const std::string* text = item.as_string();
    if (!text) fields.fail("rooms", "wrong_type");
    if (const auto room = RoomId::parse(text ? *text : "")) watch.rooms.push_back(*room);
  }
  return watch;
}

Body read_sync(json::Fields& fields) { return Sync{chat::read_cursors(fields, "rooms", true)}; }
Body read_ping(json::Fields&) { return Ping{}; }

struct Op {
  std::string_view name;
  bool has_ref;
  Body (*read)(json::Fields&);
};

constexpr std::array kOps = {
    Op{"hello", false, read_hello},   Op{"send", true, read_send},
    Op{"edit", true, read_edit},      Op{"delete", true, read_delete},
    Op{"react", true, read_react},    Op{"read", false, read_read},
    Op{"typing", false, read_typing}, Op{"presence", false, read_presence},
    Op{"sync", true, read_sync},      Op{"ping", true, read_ping},
};

const Op* op_named(std::string_view name) {
  for (const Op& op : kOps) {
    if (op.name == name) return &op;
  }
  return nullptr;
}

/// The frame's ref, if it has one that may be echoed.
std::optional<std::string> ref_of(const json::Value& frame) {
  const json::Value* ref = frame.find("ref");
  const std::string* text = ref ? ref->as_string() : nullptr;
  if (!text || text->size() > chat::kMaxRefBytes) return std::nullopt;
  return *text;
}

/// A text that is too long or a wrong emoji is the request's fault; a frame of the wrong shape is
/// the client's.
bool is_malformed(const Error& error) {
  for (const FieldError& field : error.fields) {
    const bool of_shape =
        field.code == "required" || field.code == "wrong_type" || field.code == "unknown";
    if (of_shape && field.field != "text") return true;
  }
  return error.fields.empty();
}

}  // namespace

std::variant<ClientFrame, BadFrame> read_client_frame(std::string_view text) {
  auto parsed = json::parse(text);
  if (!parsed) return BadFrame{std::nullopt, std::move(parsed).error()};
  const json::Value& frame = parsed.value();
  const auto ref = ref_of(frame);
  if (!frame.as_object()) return BadFrame{ref, invalid("a frame is a JSON object")};
  const Op* op = op_named(frame.string_or("op"));
  if (!op) return BadFrame{ref, invalid_field("op", "invalid")};
  json::Fields fields(frame);
  fields.text("op");
  if (op->has_ref) {
    const auto given = fields.text("ref");
    if (given && given->size() > chat::kMaxRefBytes) fields.fail("ref", "too_long");
  }
  ClientFrame result{op->has_ref ? ref : std::nullopt, op->read(fields)};
  if (auto done = fields.done(); !done) {
    const bool malformed = is_malformed(done.error());
    return BadFrame{ref, std::move(done).error(), malformed};
  }
  return result;
}

}  // namespace respring::websocket
