#include "services/message/write_lanes.h"

#include <algorithm>

#include "services/message/role_wire.h"

namespace respring::message {

namespace {

constexpr std::int64_t kMostGroups = 64;
constexpr std::size_t kMostRooms = 100'000;  // with nothing pending

}  // namespace

namespace wire = chat::wire;
using role_wire::Outcome;

WriteLanes::WriteLanes(const net::RoleClient& role, Options options)
    : role_(role), options_(std::move(options)) {}

WriteLanes::~WriteLanes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  tasks_.wait();
}

void WriteLanes::submit(chat::Write write, Done done) {
  bool refused = false;
  Lane* start = nullptr;
  {
    const std::lock_guard lock(mutex_);
    refused = stopping_ || unanswered_ >= options_.queue_limit;
    if (!refused) {
      ++unanswered_;
      if (rooms_.size() >= kMostRooms) forget_rooms();
      Room& room = rooms_[write.room];
      Lane& lane = lane_of(write.room, room);
      ++room.pending;
      lane.queue.push_back({std::move(write), std::move(done)});
      if (!std::exchange(lane.running, true)) start = &lane;
    }
  }
  if (refused) return done(overloaded("too many writes wait for the message role"));
  // The coroutine begins in a later turn of the loop, with all that arrived in this one.
  if (start != nullptr) tasks_.spawn(options_.executor, run(*start));
}

WriteLanes::Lane& WriteLanes::lane_of(RoomId id, Room& room) {
  if (room.pending > 0) return *room.lane;
  const auto group = room.group == kUnknown ? kUnknown : room.group % kMostGroups;
  room.lane = &lanes_[{group, std::hash<RoomId>{}(id) % options_.lanes}];
  return *room.lane;
}

// What was learned of rooms that nobody writes to now.
void WriteLanes::forget_rooms() {
  std::erase_if(rooms_, [](const auto& entry) { return entry.second.pending == 0; });
}

Task<void> WriteLanes::run(Lane& lane) {
  for (;;) {
    auto waiting = take(lane);
    if (waiting.empty()) co_return;
    Batch batch = pack(lane, std::move(waiting));
    if (!batch.writes.empty()) co_await send(std::move(batch));
  }
}

std::deque<WriteLanes::Pending> WriteLanes::take(Lane& lane) {
  std::deque<Pending> waiting;
  bool stopped = false;
  {
    const std::lock_guard lock(mutex_);
    stopped = stopping_;
    const std::size_t count =
        stopped ? lane.queue.size() : std::min(lane.queue.size(), role_wire::kWritesAtOnce);
    const auto end = lane.queue.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(lane.queue.begin(), end, std::back_inserter(waiting));
    lane.queue.erase(lane.queue.begin(), end);
    if (waiting.empty()) lane.running = false;
  }
  if (!stopped) return waiting;
  for (Pending& pending : waiting) finish(pending, overloaded("this node is leaving"));
  const std::lock_guard lock(mutex_);
  lane.running = false;
  return {};
}

WriteLanes::Batch WriteLanes::pack(Lane& lane, std::deque<Pending> waiting) {
  Batch batch;
  batch.body = R"({"writes":[)";
  const auto now = wire::Steady::now();
  batch.deadline = now;
  for (; !waiting.empty(); waiting.pop_front()) {
    Pending& next = waiting.front();
    if (next.write.deadline <= now) {
      finish(next, overloaded("the write came too late to be sent"));
      continue;
    }
    json::Writer w;
    wire::write(w, next.write, now);
    if (!batch.writes.empty() && batch.body.size() + w.text().size() > options_.batch_bytes) break;
    if (!batch.writes.empty()) batch.body += ',';
    batch.body += w.text();
    batch.deadline = std::max(batch.deadline, next.write.deadline);
    batch.writes.push_back(std::move(next));
  }
  batch.body += "]}";
  const std::lock_guard lock(mutex_);
  lane.queue.insert(lane.queue.begin(), std::make_move_iterator(waiting.begin()),
                    std::make_move_iterator(waiting.end()));
  return batch;
}

Task<void> WriteLanes::send(Batch batch) {
  // A node that dies with them costs their senders nothing, if another one may have them, too.
  const bool again = std::ranges::all_of(batch.writes, [](const Pending& pending) {
    return chat::is_known_again(pending.write.command);
  });
  const auto repeat = again ? net::RoleClient::Repeat::allowed : net::RoleClient::Repeat::never;
  const auto answer =
      co_await role_.call("/internal/message/write", std::move(batch.body), repeat, batch.deadline);
  auto outcomes = wire::answers<Outcome>(answer);
  if (outcomes && outcomes.value().size() != batch.writes.size())
    outcomes = wire::misread(invalid("not one outcome per write"));
  for (std::size_t i = 0; i < batch.writes.size(); ++i) {
    if (!outcomes) {
      finish(batch.writes[i], outcomes.error());
    } else {
      Outcome& outcome = outcomes.value()[i];
      finish(batch.writes[i], std::move(outcome.result), outcome.lane);
    }
  }
}

void WriteLanes::finish(Pending& pending, Result<chat::Written> result, std::int64_t group) {
  {
    const std::lock_guard lock(mutex_);
    --unanswered_;
    const auto room = rooms_.find(pending.write.room);
    --room->second.pending;
    if (group != kUnknown) room->second.group = group;
  }
  pending.done(std::move(result));
}

}  // namespace respring::message
