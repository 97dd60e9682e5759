#include "services/message/sync_json.h"

#include "chat/codec.h"

namespace respring::message {
namespace {

struct ItemWriter {
  json::Writer& w;

  void operator()(const chat::SyncEvents& item) const {
    w.field("epoch", item.epoch).field("head", item.head);
    w.key("events").begin_array();
    for (const chat::Event& event : item.events) chat::write_json(w, event);
    w.end_array();
  }
  void operator()(const chat::SyncLimited& item) const {
    w.key("limited").begin_object();
    w.field("from", item.from).field("to", item.to).end_object();
  }
  void operator()(const chat::SyncReset& item) const {
    w.key("reset").begin_object().field("epoch", item.epoch);
    w.field("first_seq", item.first_seq).field("head", item.head).end_object();
  }
  void operator()(const chat::SyncGone&) const { w.field("gone", true); }
  void operator()(const chat::SyncUnreachable&) const {}
};

}  // namespace

std::string sync_json(const std::vector<chat::SyncItem>& items,
                      const std::vector<std::string>& asked,
                      const chat::ReachableRooms& new_rooms) {
  json::Writer w;
  w.begin_object().key("rooms").begin_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (std::holds_alternative<chat::SyncUnreachable>(items[i])) continue;
    w.begin_object().field("room", asked[i]);
    std::visit(ItemWriter{w}, items[i]);
    w.end_object();
  }
  w.end_array().key("new_rooms").begin_array();
  for (const chat::RoomView& room : new_rooms.views) chat::write_json(w, room);
  w.end_array();
  auto unavailable = new_rooms.unreachable;
  for (const auto& item : items) {
    const auto* missing = std::get_if<chat::SyncUnreachable>(&item);
    if (missing != nullptr) unavailable.push_back(missing->room);
  }
  chat::write_unavailable(w, unavailable);
  w.end_object();
  return w.take();
}

}  // namespace respring::message
