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
  w.end_object();
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
  if (const json::Value* error = value.find("error")) {
    auto read_back = net::read_error(*error);
    if (!read_back) return invalid("an unknown error");
    return message::role_wire::Outcome{*std::move(read_back)};
  }
  json::Fields fields(value);
  auto written = take<Written>(fields, "written");
  RESPRING_TRYV(fields.done());
  return message::role_wire::Outcome{std::move(written)};
}

}  // namespace respring::chat::wire
