#include "services/message/role_wire.h"

namespace respring::message::role_wire {

void write(json::Writer& w, const RoomHead& item) {
  w.begin_object().field("room", item.room.str()).key("head");
  chat::wire::write(w, item.head);
  w.end_object();
}

void write(json::Writer& w, const Outcome& item) {
  w.begin_object();
  if (item.result) {
    w.key("written");
    chat::wire::write(w, item.result.assume_value());
  } else {
    w.key("error");
    net::write_error(w, item.result.assume_error());
  }
  w.field("lane", item.lane).end_object();
}

}  // namespace respring::message::role_wire

namespace respring::chat::wire {

template <>
Result<message::role_wire::RoomHead> read(const json::Value& value) {
  json::Fields fields(value);
  message::role_wire::RoomHead item;
  item.room = take_id<RoomId>(fields, "room");
  item.head = take<Head>(fields, "head");
  RESPRING_TRYV(fields.done());
  return item;
}

template <>
Result<message::role_wire::Outcome> read(const json::Value& value) {
  json::Fields fields(value);
  message::role_wire::Outcome outcome;
  outcome.lane = take_int(fields, "lane");
  if (const json::Value* error = fields.any("error")) {
    auto read_back = net::read_error(*error);
    if (!read_back) return invalid("an unknown error");
    outcome.result = *std::move(read_back);
  } else {
    outcome.result = take<Written>(fields, "written");
  }
  RESPRING_TRYV(fields.done());
  return outcome;
}

}  // namespace respring::chat::wire
