// The reading half of chat/codec.h: what consumers of the event log get back from its JSON.
#include "chat/codec.h"

namespace respring::chat {
namespace {

template <class AnyId>
AnyId id_of(const json::Value& value, std::string_view key) {
  return AnyId::parse(value.string_or(key)).value_or(AnyId{});
}

std::optional<std::string> text_or_nothing(const json::Value& value, std::string_view key) {
  const json::Value* member = value.find(key);
  const std::string* text = member ? member->as_string() : nullptr;
  return text ? std::optional(*text) : std::nullopt;
}

std::optional<Time> time_or_nothing(const json::Value& value, std::string_view key) {
  return parse_rfc3339(value.string_or(key));
}

Reactions reactions_of(const json::Value& value) {
  Reactions reactions;
  const json::Value* member = value.find("reactions");
  const json::Object* object = member ? member->as_object() : nullptr;
  if (!object) return reactions;
  for (const auto& [emoji, users] : *object) {
    std::vector<UserId> ids;
    if (const json::Array* array = users.as_array()) {
      for (const json::Value& user : *array) {
        if (const auto* text = user.as_string())
          ids.push_back(UserId::parse(*text).value_or(UserId{}));
      }
    }
    reactions.emplace_back(emoji, std::move(ids));
  }
  return reactions;
}

Result<EventBody> created_from(const json::Value& value) {
  Created body;
  body.kind = room_kind_named(value.string_or("kind_of_room")).value_or(RoomKind::group);
  body.title = text_or_nothing(value, "title");
  const json::Value* members = value.find("members");
  const json::Array* array = members ? members->as_array() : nullptr;
  if (!array) return invalid("a created event without members");
  for (const json::Value& member : *array) {
    body.members.push_back({id_of<UserId>(member, "user"),
                            role_named(member.string_or("role")).value_or(Role::member)});
  }
  return EventBody(std::move(body));
}

Result<EventBody> sent_from(const json::Value& value) {
  const json::Value* message = value.find("message");
  if (!message) return invalid("a message event without its message");
  RESPRING_TRY(Message read, message_from_json(*message));
  return EventBody(Sent{std::move(read)});
}

Result<EventBody> body_from(const json::Value& value) {
  const std::string kind = value.string_or("kind");
  const Seq target = value.int_or("target");
  if (kind == "created") return created_from(value);
  if (kind == "message") return sent_from(value);
  if (kind == "edited") {
    return EventBody(Edited{target, text_or_nothing(value, "text"), value.int_or("version")});
  }
  if (kind == "deleted") return EventBody(Deleted{target, value.int_or("version")});
  if (kind == "reaction") {
    return EventBody(Reacted{target, value.string_or("emoji"), value.bool_or("on")});
  }
  if (kind == "member") {
    return EventBody(
        MemberChanged{id_of<UserId>(value, "user"), role_named(value.string_or("role"))});
  }
  if (kind == "room") return EventBody(Retitled{value.string_or("title")});
  return invalid("an event of unknown kind '" + kind.substr(0, 40) + "'");
}

}  // namespace

Result<Message> message_from_json(const json::Value& value) {
  Message m;
  m.room = id_of<RoomId>(value, "room");
  m.seq = value.int_or("seq");
  m.ordinal = value.int_or("ordinal");
  m.sender = id_of<UserId>(value, "sender");
  const auto cid = Uuid::parse(value.string_or("cid"));
  const auto created = time_or_nothing(value, "created_at");
  if (!m.room || m.seq < 1 || !cid || !created) return invalid("not a message");
  m.cid = *cid;
  m.text = text_or_nothing(value, "text");
  if (const json::Value* reply = value.find("reply_to")) m.reply_to = reply->as_int();
  if (const json::Value* attachments = value.find("attachments")) {
    m.attachments = json::dump(*attachments);
  }
  const json::Value* meta = value.find("meta");
  if (meta && !meta->is_null()) m.meta = json::dump(*meta);
  m.created_at = *created;
  m.edited_at = time_or_nothing(value, "edited_at");
  m.deleted = value.bool_or("deleted");
  m.reactions = reactions_of(value);
  m.version = value.int_or("version", 1);
  return m;
}

Result<Event> event_from_json(std::string_view text) {
  // A member's meta may use all of the API's nesting, and stands three levels deeper here.
  RESPRING_TRY(const json::Value value, json::parse(text, json::kMaxNesting + 4));
  return event_from_value(value);
}

Result<Event> event_from_value(const json::Value& value) {
  Event event;
  event.room = id_of<RoomId>(value, "room");
  event.epoch = value.int_or("epoch");
  event.seq = value.int_or("seq");
  event.actor = id_of<UserId>(value, "actor");
  const auto at = time_or_nothing(value, "at");
  if (!event.room || event.seq < 1 || !at) return invalid("not an event");
  event.at = *at;
  RESPRING_TRY(event.body, body_from(value));
  return event;
}

}  // namespace respring::chat
