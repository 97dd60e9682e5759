#include "services/message/write_lanes.h"

#include <algorithm>

#include "services/message/role_wire.h"

namespace respring::message {

namespace wire = chat::wire;
using role_wire::Outcome;

WriteLanes::WriteLanes(const net::RoleClient& role, Options options)
    : role_(role), options_(std::move(options)), lanes_(options_.lanes) {}

WriteLanes::~WriteLanes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  tasks_.wait();
}

void WriteLanes::submit(chat::Write write, Done done) {
  Lane& lane = lanes_[std::hash<RoomId>{}(write.room) % lanes_.size()];
  bool refused = false;
  bool start = false;
  {
    const std::lock_guard lock(mutex_);
    refused = stopping_ || unanswered_ >= options_.queue_limit;
    if (!refused) {
      ++unanswered_;
      lane.queue.push_back({std::move(write), std::move(done)});
      start = !std::exchange(lane.running, true);
    }
  }
  if (refused) return done(overloaded("too many writes wait for the message role"));
  // The coroutine begins in a later turn of the loop, with all that arrived in this one.
  if (start) tasks_.spawn(options_.executor, run(lane));
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
  const auto answer = co_await role_.call("/internal/message/write", std::move(batch.body),
                                          net::RoleClient::Repeat::never, batch.deadline);
  auto outcomes = wire::answers<Outcome>(answer);
  if (outcomes && outcomes.value().size() != batch.writes.size())
    outcomes = wire::misread(invalid("not one outcome per write"));
  for (std::size_t i = 0; i < batch.writes.size(); ++i) {
    if (!outcomes) {
      finish(batch.writes[i], outcomes.error());
    } else {
      finish(batch.writes[i], std::move(outcomes.value()[i].result));
    }
  }
}

void WriteLanes::finish(Pending& pending, Result<chat::Written> result) {
  {
    const std::lock_guard lock(mutex_);
    --unanswered_;
  }
  pending.done(std::move(result));
}

}  // namespace respring::message
