#include "chat/requests.h"

#include <algorithm>

#include "chat/limits.h"
#include "chat/text.h"

namespace respring::chat {
namespace {

void note(json::Fields& fields, std::string_view name, const Error& error) {
  fields.fail(name, error.fields.empty() ? "invalid" : error.fields.front().code);
}

std::string read_attachments(json::Fields& fields) {
  const json::Array* ids = fields.array("attachments", false);
  // Attachments cannot be uploaded in this version, so none of them exists.
  if (ids && !ids->empty()) fields.fail("attachments", "not_found");
  return "[]";
}

std::optional<std::string> read_meta(json::Fields& fields) {
  const json::Value* meta = fields.any("meta");
  if (!meta || meta->is_null()) return std::nullopt;
  if (!meta->as_object()) {
    fields.fail("meta", "wrong_type");
    return std::nullopt;
  }
  std::string text = json::dump(*meta);
  if (text.size() > kMaxMetaBytes) fields.fail("meta", "too_long");
  return text;
}

std::optional<Cursor> cursor_from(const json::Value& item) {
  json::Fields fields(item);
  const auto room = fields.text("room");
  const auto epoch = fields.integer("epoch");
  const auto seq = fields.integer("seq");
  if (!fields.done() || !room || *epoch < 0 || *seq < 0) return std::nullopt;
  // A malformed id names a room that does not exist, like any other unknown room.
  return Cursor{RoomId::parse(*room).value_or(RoomId{}), *epoch, *seq};
}

}  // namespace

std::string read_message_text(json::Fields& fields) {
  const auto text = fields.text("text");
  if (!text) return {};
  auto checked = checked_message_text("text", *text);
  if (!checked) {
    note(fields, "text", checked.error());
    return {};
  }
  return std::move(checked).value();
}

Send read_send(json::Fields& fields) {
  Send send;
  if (const auto cid = fields.text("cid")) {
    const auto uuid = Uuid::parse(*cid);
    if (!uuid) fields.fail("cid", "invalid");
    send.cid = uuid.value_or(Uuid{});
  }
  send.text = read_message_text(fields);
  send.reply_to = fields.integer("reply_to", false);
  if (send.reply_to && *send.reply_to < 1) fields.fail("reply_to", "not_found");
  send.attachments = read_attachments(fields);
  send.meta = read_meta(fields);
  return send;
}

Result<std::string> checked_reaction(std::string_view emoji) {
  return checked_emoji("emoji", emoji);
}

AskedCursors read_cursors(json::Fields& fields, std::string_view name, bool required) {
  AskedCursors asked;
  const json::Array* items = fields.array(name, required);
  if (!items) return asked;
  if (items->size() > kMaxSyncRooms) {
    fields.fail(name, "too_long");
    return asked;
  }
  for (const json::Value& item : *items) {
    const auto cursor = cursor_from(item);
    if (!cursor) {
      fields.fail(name, "invalid");
      return asked;
    }
    const auto same = [&](const Cursor& c) { return c.room && c.room == cursor->room; };
    if (std::any_of(asked.cursors.begin(), asked.cursors.end(), same)) {
      fields.fail(name, "duplicate");
    }
    asked.cursors.push_back(*cursor);
    asked.rooms.push_back(item.string_or("room"));
  }
  return asked;
}

Result<void> read_nothing(std::string_view body) {
  if (body.empty()) return success();
  RESPRING_TRY(const json::Value value, json::parse(body));
  return json::Fields(value).done();
}

}  // namespace respring::chat
