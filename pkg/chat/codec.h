#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "chat/types.h"

/// The API's JSON forms of the product's types: ids as decimal strings, times RFC 3339.
namespace respring::chat {

void write_json(json::Writer& w, const Message& message);
void write_json(json::Writer& w, const Event& event);
void write_json(json::Writer& w, const Reactions& reactions);
/// `room` of the API: what everybody sees and the reader's role.
void write_json(json::Writer& w, const RoomView& room);
/// `unavailable`: rooms whose shards do not answer now; no field when there are none.
void write_unavailable(json::Writer& w, const std::vector<RoomId>& rooms);
/// `user`; with `own` also locale and created_at.
void write_json(json::Writer& w, const User& user, bool own = false);
void write_json(json::Writer& w, const Session& session, SessionId current);
/// `{epoch, seq, ordinal}`.
void write_json(json::Writer& w, const Head& head);

template <class T>
std::string to_json(const T& value) {
  json::Writer writer;
  write_json(writer, value);
  return writer.take();
}

/// Reads what write_json wrote; `invalid_request` for anything else.
Result<Event> event_from_json(std::string_view text);
Result<Event> event_from_value(const json::Value& value);
Result<Message> message_from_json(const json::Value& value);

}  // namespace respring::chat
