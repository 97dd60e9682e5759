// Messages, events and what is read of a room's log.
#include <algorithm>
#include <array>

#include "chat/codec.h"
#include "chat/wire.h"
#include "chat/wire_names.h"

namespace respring::chat::wire {
namespace {

using Anchor = HistoryQuery::Anchor;
constexpr std::array<std::pair<std::string_view, Anchor>, 4> kAnchors{{{"latest", Anchor::latest},
                                                                       {"before", Anchor::before},
                                                                       {"after", Anchor::after},
                                                                       {"around", Anchor::around}}};

// chat/codec.h reads what is there and leaves the rest at its default, because events outlive the
// version that wrote them. Between roles nothing may be missing or unknown.
constexpr std::array<std::string_view, 14> kMessageKeys{
    "room",        "seq",  "ordinal",    "sender",    "cid",     "text",      "reply_to",
    "attachments", "meta", "created_at", "edited_at", "deleted", "reactions", "version"};
constexpr std::array<std::string_view, 6> kEventKeys{"room", "epoch", "seq", "kind", "actor", "at"};

struct BodyKeys {
  std::string_view kind;
  std::vector<std::string_view> keys;
};
const std::vector<BodyKeys>& body_keys() {
  static const std::vector<BodyKeys> kAll{
      {"created", {"kind_of_room", "title", "members"}},
      {"message", {"message"}},
      {"edited", {"target", "text", "version"}},
      {"deleted", {"target", "version"}},
      {"reaction", {"target", "emoji", "on"}},
      {"member", {"user", "role"}},
      {"room", {"title"}},
  };
  return kAll;
}

template <class Keys>
bool all_there(const json::Value& value, const Keys& keys) {
  return std::all_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return value.find(key) != nullptr; });
}

Result<void> require_message(const json::Value& value) {
  const json::Object* object = value.as_object();
  if (!object || object->size() != kMessageKeys.size() || !all_there(value, kMessageKeys))
    return invalid("not a message's fields");
  const bool right = value.find("seq")->as_int() && value.find("ordinal")->as_int() &&
                     value.find("sender")->as_string() && value.find("attachments")->as_array() &&
                     value.find("deleted")->as_bool() && value.find("reactions")->as_object() &&
                     value.find("version")->as_int();
  if (!right) return invalid("a message's field of the wrong type");
  return success();
}

Result<void> require_event(const json::Value& value) {
  const json::Object* object = value.as_object();
  if (!object || !all_there(value, kEventKeys)) return invalid("not an event's fields");
  const std::string kind = value.string_or("kind");
  const auto& all = body_keys();
  const auto keys =
      std::find_if(all.begin(), all.end(), [&](const BodyKeys& body) { return body.kind == kind; });
  if (keys == all.end() || !all_there(value, keys->keys) ||
      object->size() != kEventKeys.size() + keys->keys.size()) {
    return invalid("not the fields of an event of kind " + kind);
  }
  const json::Value* role = value.find("role");
  if (role && !role->is_null() && !role_named(value.string_or("role")))
    return invalid("no such role");
  if (kind == "message") return require_message(*value.find("message"));
  return success();
}

void write_events(json::Writer& w, const std::vector<Event>& events) {
  w.key("events");
  write(w, events);
}

struct ItemWriter {
  json::Writer& w;

  void operator()(const SyncEvents& item) const {
    start("events", item.room).field("epoch", item.epoch).field("head", item.head);
    write_events(w, item.events);
  }
  void operator()(const SyncLimited& item) const {
    start("limited", item.room).field("from", item.from).field("to", item.to);
  }
  void operator()(const SyncReset& item) const {
    start("reset", item.room).field("epoch", item.epoch).field("first_seq", item.first_seq);
    w.field("head", item.head);
  }
  void operator()(const SyncGone& item) const { start("gone", item.room); }
  void operator()(const SyncUnreachable& item) const { start("unreachable", item.room); }

  json::Writer& start(std::string_view what, RoomId room) const {
    return w.field("what", what).field("room", room.str());
  }
};

SyncItem take_item(json::Fields& fields, std::string_view what) {
  const auto room = take_id<RoomId>(fields, "room");
  if (what == "limited") {
    const Seq from = take_int(fields, "from");
    return SyncLimited{room, from, take_int(fields, "to")};
  }
  if (what == "gone") return SyncGone{room};
  if (what == "unreachable") return SyncUnreachable{room};
  if (what != "events" && what != "reset") fields.fail("what", "invalid");
  const RoomEpoch epoch = take_int(fields, "epoch");
  const Seq head = take_int(fields, "head");
  if (what == "reset") return SyncReset{room, epoch, take_int(fields, "first_seq"), head};
  return SyncEvents{room, epoch, head, take_all<Event>(fields, "events")};
}

}  // namespace

void write(json::Writer& w, const Message& message) { write_json(w, message); }

template <>
Result<Message> read(const json::Value& value) {
  RESPRING_TRYV(require_message(value));
  return message_from_json(value);
}

void write(json::Writer& w, const Event& event) { write_json(w, event); }

template <>
Result<Event> read(const json::Value& value) {
  RESPRING_TRYV(require_event(value));
  return event_from_value(value);
}

void write(json::Writer& w, const Cursor& cursor) {
  w.begin_object().field("room", cursor.room.str()).field("epoch", cursor.epoch);
  w.field("seq", cursor.seq).end_object();
}

template <>
Result<Cursor> read(const json::Value& value) {
  json::Fields fields(value);
  Cursor cursor;
  cursor.room = take_id<RoomId>(fields, "room");
  cursor.epoch = take_int(fields, "epoch");
  cursor.seq = take_int(fields, "seq");
  RESPRING_TRYV(fields.done());
  return cursor;
}

void write(json::Writer& w, const HistoryQuery& query) {
  const auto is_it = [&](const auto& row) { return row.second == query.anchor; };
  w.begin_object();
  w.field("anchor", std::find_if(kAnchors.begin(), kAnchors.end(), is_it)->first);
  w.field("seq", query.seq).field("limit", query.limit).end_object();
}

template <>
Result<HistoryQuery> read(const json::Value& value) {
  json::Fields fields(value);
  HistoryQuery query;
  const std::string anchor = take_text(fields, "anchor");
  const auto row = std::find_if(kAnchors.begin(), kAnchors.end(),
                                [&](const auto& r) { return r.first == anchor; });
  if (row == kAnchors.end()) fields.fail("anchor", "invalid");
  if (row != kAnchors.end()) query.anchor = row->second;
  query.seq = take_int(fields, "seq");
  query.limit = static_cast<int>(take_int(fields, "limit", 0, kMaxLimit));
  RESPRING_TRYV(fields.done());
  return query;
}

void write(json::Writer& w, const History& history) {
  w.begin_object().key("messages");
  write(w, history.messages);
  w.field("has_older", history.has_older).field("has_newer", history.has_newer).end_object();
}

template <>
Result<History> read(const json::Value& value) {
  json::Fields fields(value);
  History history;
  history.messages = take_all<Message>(fields, "messages");
  history.has_older = take_bool(fields, "has_older");
  history.has_newer = take_bool(fields, "has_newer");
  RESPRING_TRYV(fields.done());
  return history;
}

void write(json::Writer& w, const LogPage& page) {
  w.begin_object().field("epoch", page.epoch).field("first_seq", page.first_seq);
  w.field("head", page.head);
  write_events(w, page.events);
  w.end_object();
}

template <>
Result<LogPage> read(const json::Value& value) {
  json::Fields fields(value);
  LogPage page;
  page.epoch = take_int(fields, "epoch");
  page.first_seq = take_int(fields, "first_seq");
  page.head = take_int(fields, "head");
  page.events = take_all<Event>(fields, "events");
  RESPRING_TRYV(fields.done());
  return page;
}

void write(json::Writer& w, const SyncItem& item) {
  w.begin_object();
  std::visit(ItemWriter{w}, item);
  w.end_object();
}

template <>
Result<SyncItem> read(const json::Value& value) {
  json::Fields fields(value);
  const std::string what = take_text(fields, "what");
  SyncItem item = take_item(fields, what);
  RESPRING_TRYV(fields.done());
  return item;
}

}  // namespace respring::chat::wire
