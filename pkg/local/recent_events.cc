#include "local/recent_events.h"

#include <deque>
#include <list>
#include <mutex>
#include <unordered_map>

namespace respring::local {
namespace {

using chat::RecentEvent;

class LocalRecentEvents final : public chat::RecentEvents {
 public:
  explicit LocalRecentEvents(RecentEventsOptions options) : options_(std::move(options)) {}

  void add(RecentEvent event) override {
    if (event.payload->size() > kLargest) return forget(event.room);
    const std::lock_guard lock(mutex_);
    auto found = by_room_.find(event.room);
    if (found != by_room_.end() && found->second->until <= options_.now()) {
      drop(found->second);
      found = by_room_.end();
    }
    if (found != by_room_.end()) {
      const RecentEvent& last = found->second->events.back();
      if (event.epoch < last.epoch || (event.epoch == last.epoch && event.seq <= last.seq)) return;
      // It goes on with the next number only, and not over a change of what is older.
      if (event.epoch > last.epoch || event.seq > last.seq + 1 || event.changes_older) {
        drop(found->second);
        found = by_room_.end();
      }
    }
    if (found == by_room_.end()) {
      rooms_.emplace_front();
      found = by_room_.emplace(event.room, rooms_.begin()).first;
    }
    append(found->second, std::move(event));
    while (bytes_ > options_.max_bytes) drop(std::prev(rooms_.end()));
  }

  void forget(RoomId room) override {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_room_.find(room); found != by_room_.end()) drop(found->second);
  }

  Task<Result<std::optional<std::vector<std::string>>>> find(RoomId room, RoomEpoch epoch,
                                                             Seq after, Seq head) override {
    const std::lock_guard lock(mutex_);
    std::optional<std::vector<std::string>> payloads;
    const auto found = by_room_.find(room);
    if (found == by_room_.end() || found->second->until <= options_.now() || head <= after)
      co_return payloads;
    const auto& events = found->second->events;
    if (events.back().epoch != epoch || events.back().seq < head || events.front().seq > after + 1)
      co_return payloads;
    payloads.emplace();
    for (const RecentEvent& event : events) {
      if (event.seq > after && event.seq <= head) payloads->push_back(*event.payload);
    }
    co_return payloads;
  }

 private:
  struct Room {
    std::deque<RecentEvent> events;  ///< dense, of one epoch, never empty
    std::chrono::steady_clock::time_point until;
  };
  using Rooms = std::list<Room>;

  void append(Rooms::iterator room, RecentEvent event) {
    bytes_ += event.payload->size();
    room->events.push_back(std::move(event));
    room->until = options_.now() + kLife;
    if (room->events.size() > kMostPerRoom) {
      bytes_ -= room->events.front().payload->size();
      room->events.pop_front();
    }
    rooms_.splice(rooms_.begin(), rooms_, room);
  }

  void drop(Rooms::iterator room) {
    for (const RecentEvent& event : room->events) bytes_ -= event.payload->size();
    by_room_.erase(room->events.front().room);
    rooms_.erase(room);
  }

  const RecentEventsOptions options_;
  std::mutex mutex_;
  Rooms rooms_;  ///< that of the latest event first
  std::unordered_map<RoomId, Rooms::iterator> by_room_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<chat::RecentEvents> make_recent_events(RecentEventsOptions options) {
  return std::make_unique<LocalRecentEvents>(std::move(options));
}

}  // namespace respring::local
