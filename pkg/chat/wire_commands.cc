// What is asked of a room's log, and what became of it.
#include <algorithm>

#include "chat/codec.h"
#include "chat/wire.h"
#include "chat/wire_names.h"

namespace respring::chat::wire {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLongest = std::chrono::hours(1);

struct CommandWriter {
  json::Writer& w;

  void operator()(const Create& c) const {
    w.field("do", "create").field("kind", name_of(c.kind));
    if (c.title) w.field("title", *c.title);
    w.key("members");
    write(w, c.members);
  }
  void operator()(const Send& c) const {
    w.field("do", "send").field("cid", c.cid.str()).field("text", c.text);
    if (c.reply_to) w.field("reply_to", *c.reply_to);
    w.key("attachments").raw(c.attachments);
    if (c.meta) w.key("meta").raw(*c.meta);
  }
  void operator()(const Edit& c) const {
    w.field("do", "edit").field("target", c.target).field("text", c.text);
  }
  void operator()(const Delete& c) const {
    w.field("do", "delete").field("target", c.target).field("erasing", c.erasing);
  }
  void operator()(const React& c) const {
    w.field("do", "react").field("target", c.target).field("emoji", c.emoji).field("on", c.on);
  }
  void operator()(const Read& c) const { w.field("do", "read").field("seq", c.seq); }
  void operator()(const SetMember& c) const {
    w.field("do", "set_member").field("user", c.user.str());
    if (c.role) w.field("role", name_of(*c.role));
    w.field("by_invite", c.by_invite);
  }
  void operator()(const RemoveMember& c) const {
    w.field("do", "remove_member").field("user", c.user.str());
  }
  void operator()(const Retitle& c) const { w.field("do", "retitle").field("title", c.title); }
  void operator()(const Close&) const { w.field("do", "close"); }
  void operator()(const SetBlock& c) const { w.field("do", "set_block").field("on", c.on); }
};

Command take_create(json::Fields& fields) {
  Create c;
  c.kind = take_named<RoomKind>(fields, "kind");
  c.title = fields.text("title", false);
  c.members = take_all<Founder>(fields, "members");
  return c;
}

Command take_send(json::Fields& fields) {
  Send c;
  const auto cid = Uuid::parse(take_text(fields, "cid"));
  if (!cid) fields.fail("cid", "invalid");
  c.cid = cid.value_or(Uuid{});
  c.text = take_text(fields, "text");
  c.reply_to = fields.integer("reply_to", false);
  const json::Value* attachments = fields.any("attachments");
  if (!attachments || !attachments->as_array()) {
    fields.fail("attachments", "wrong_type");
  } else {
    c.attachments = json::dump(*attachments);
  }
  const json::Value* meta = fields.any("meta");
  if (meta && !meta->as_object()) fields.fail("meta", "wrong_type");
  if (meta) c.meta = json::dump(*meta);
  return c;
}

Command take_edit(json::Fields& fields) {
  const Seq target = take_int(fields, "target");
  return Edit{target, take_text(fields, "text")};
}

Command take_delete(json::Fields& fields) {
  const Seq target = take_int(fields, "target");
  return Delete{target, fields.boolean("erasing").value_or(false)};
}

Command take_react(json::Fields& fields) {
  const Seq target = take_int(fields, "target");
  std::string emoji = take_text(fields, "emoji");
  return React{target, std::move(emoji), take_bool(fields, "on")};
}

Command take_read(json::Fields& fields) { return Read{take_int(fields, "seq")}; }

Command take_set_member(json::Fields& fields) {
  SetMember c;
  c.user = take_id<UserId>(fields, "user");
  if (fields.has("role")) c.role = take_named<Role>(fields, "role");
  c.by_invite = take_bool(fields, "by_invite");
  return c;
}

Command take_remove_member(json::Fields& fields) {
  return RemoveMember{take_id<UserId>(fields, "user")};
}

Command take_retitle(json::Fields& fields) { return Retitle{take_text(fields, "title")}; }
Command take_close(json::Fields&) { return Close{}; }
Command take_set_block(json::Fields& fields) { return SetBlock{take_bool(fields, "on")}; }

struct CommandReader {
  std::string_view name;
  Command (*take)(json::Fields& fields);
};
constexpr CommandReader kReaders[] = {
    {"create", take_create},
    {"send", take_send},
    {"edit", take_edit},
    {"delete", take_delete},
    {"react", take_react},
    {"read", take_read},
    {"set_member", take_set_member},
    {"remove_member", take_remove_member},
    {"retitle", take_retitle},
    {"close", take_close},
    {"set_block", take_set_block},
};

template <class T>
void write_if(json::Writer& w, std::string_view key, const std::optional<T>& value) {
  if (!value) return;
  w.key(key);
  write(w, *value);
}

}  // namespace

void write(json::Writer& w, const Command& command) {
  w.begin_object();
  std::visit(CommandWriter{w}, command);
  w.end_object();
}

template <>
Result<Command> read(const json::Value& value) {
  json::Fields fields(value);
  const std::string name = take_text(fields, "do");
  for (const CommandReader& reader : kReaders) {
    if (reader.name != name) continue;
    Command command = reader.take(fields);
    RESPRING_TRYV(fields.done());
    return command;
  }
  return invalid_field("do", "invalid");
}

void write(json::Writer& w, const Write& write_, Steady::time_point now) {
  const auto left = write_.deadline <= now              ? Steady::duration(0)
                    : write_.deadline - now >= kLongest ? Steady::duration(kLongest)
                                                        : write_.deadline - now;
  w.begin_object().field("room", write_.room.str()).field("actor", write_.actor.str());
  w.field("within_ms", std::int64_t{std::chrono::ceil<milliseconds>(left).count()});
  if (!write_.trace.empty()) w.field("trace", write_.trace);
  w.key("command");
  write(w, write_.command);
  w.end_object();
}

Result<Write> read_write(const json::Value& value, Steady::time_point now) {
  json::Fields fields(value);
  Write write;
  write.room = take_id<RoomId>(fields, "room");
  write.actor = take_id<UserId>(fields, "actor");
  write.deadline = now + milliseconds(take_int(fields, "within_ms", 0, kLongest / milliseconds(1)));
  write.command = take<Command>(fields, "command");
  write.trace = fields.text("trace", false).value_or("");
  RESPRING_TRYV(fields.done());
  return write;
}

void write(json::Writer& w, const Written& written) {
  w.begin_object().key("events");
  if (written.json.size() == written.events.size()) {
    w.begin_array();
    for (const std::string& event : written.json) w.raw(event);
    w.end_array();
  } else {
    write(w, written.events);
  }
  w.field("seq", written.seq).field("ordinal", written.ordinal).field("version", written.version);
  w.field("at", to_rfc3339(written.at)).field("duplicate", written.duplicate);
  write_if(w, "message", written.message);
  write_if(w, "member", written.member);
  write_if(w, "room", written.room);
  w.field("read_seq", written.read_seq).field("unread", written.unread).key("members");
  write(w, written.members);
  w.end_object();
}

template <>
Result<Written> read(const json::Value& value) {
  json::Fields fields(value);
  Written written;
  written.events = take_all<Event>(fields, "events");
  for (const Event& event : written.events) written.json.push_back(to_json(event));
  written.seq = take_int(fields, "seq");
  written.ordinal = take_int(fields, "ordinal");
  written.version = take_int(fields, "version");
  written.at = take_time(fields, "at");
  written.duplicate = take_bool(fields, "duplicate");
  written.message = take_optional<Message>(fields, "message");
  written.member = take_optional<Member>(fields, "member");
  written.room = take_optional<RoomView>(fields, "room");
  written.read_seq = take_int(fields, "read_seq");
  written.unread = take_int(fields, "unread");
  written.members = take_all<UserId>(fields, "members");
  RESPRING_TRYV(fields.done());
  return written;
}

}  // namespace respring::chat::wire
