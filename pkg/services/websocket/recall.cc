#include "services/websocket/recall.h"

#include <unordered_map>

#include "chat/codec.h"
#include "chat/limits.h"
#include "chat/signals.h"
#include "telemetry/metrics.h"

namespace respring::websocket {
namespace {

/// Of one hello; the log reads many rooms at once, and this one after the other.
constexpr int kMostRecalled = 32;

using Events = std::vector<chat::Event>;

void count(std::string_view result) {
  metrics::counter("respring_recent_events_total", {{"result", std::string(result)}}).add();
}

std::optional<Events> events_from(const std::vector<std::string>& payloads) {
  Events events;
  for (const std::string& payload : payloads) {
    const auto signal = chat::decode_signal(payload);
    if (!signal) return std::nullopt;
    auto event = chat::event_from_json(signal->json);
    if (!event) return std::nullopt;
    events.push_back(std::move(event).value());
  }
  return events;
}

/// Exactly after+1 … head, or nothing; an error when it was no use to ask.
Task<Result<std::optional<Events>>> recall(const Ports& ports, RoomId room, RoomEpoch epoch,
                                           Seq after, Seq head) {
  auto payloads = co_await ports.recent.find(room, epoch, after, head);
  if (!payloads) {
    count("failed");
    co_return payloads.error();
  }
  std::optional<Events> events;
  if (payloads.value()) events = events_from(*payloads.value());
  count(events ? "hit" : "miss");
  co_return events;
}

}  // namespace

Task<Result<chat::LogPage>> read_behind(const Ports& ports, RoomId room, RoomEpoch epoch, Seq after,
                                        Seq head) {
  if (head > after) {
    auto recalled = co_await recall(ports, room, epoch, after, head);
    if (recalled && recalled.value())
      co_return chat::LogPage{epoch, 1, head, *std::move(recalled).value()};
  }
  co_return co_await ports.log.log_for_node(room, after, chat::kMaxLogPage);
}

Task<Result<std::vector<chat::SyncItem>>> sync_behind(const Ports& ports, UserId user,
                                                      const std::vector<chat::RoomView>& views,
                                                      const std::vector<chat::Cursor>& cursors) {
  std::unordered_map<RoomId, const chat::RoomView*> by_room;
  for (const chat::RoomView& view : views) by_room[view.id] = &view;
  std::vector<chat::SyncItem> items(cursors.size());
  std::vector<std::size_t> left;  // for the log
  std::vector<chat::Cursor> asked;
  int recalls = 0;
  for (std::size_t i = 0; i < cursors.size(); ++i) {
    const chat::Cursor& cursor = cursors[i];
    const auto found = by_room.find(cursor.room);
    const chat::RoomView* view = found == by_room.end() ? nullptr : found->second;
    const bool plain = view && cursor.epoch == view->head.epoch && cursor.seq <= view->head.seq &&
                       cursor.seq + 1 >= view->first_seq;
    std::optional<Events> events;
    if (plain && cursor.seq == view->head.seq) {
      events.emplace();
    } else if (plain && recalls < kMostRecalled) {
      ++recalls;
      auto recalled = co_await recall(ports, cursor.room, cursor.epoch, cursor.seq, view->head.seq);
      if (recalled)
        events = std::move(recalled).value();
      else
        recalls = kMostRecalled;
    }
    if (events) {
      chat::SyncEvents item{cursor.room, cursor.epoch, view->head.seq, *std::move(events)};
      items[i] = std::move(item);
    } else {
      left.push_back(i);
      asked.push_back(cursor);
    }
  }
  if (asked.empty()) co_return items;
  RESPRING_CO_TRY(auto read, co_await ports.log.sync(user, std::move(asked), chat::kMaxSyncEvents));
  for (std::size_t i = 0; i < left.size() && i < read.size(); ++i)
    items[left[i]] = std::move(read[i]);
  co_return items;
}

}  // namespace respring::websocket
