#include "store/shard_writer.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace respring::store {
namespace {

constexpr auto kBetweenTries = std::chrono::milliseconds(2);  // of what is frozen

}  // namespace

ShardWriter::ShardWriter(Options options) : options_(std::move(options)) {}

ShardWriter::~ShardWriter() { stop(); }

void ShardWriter::start() {
  for (std::size_t i = 0; i < options_.connections; ++i) {
    threads_.emplace_back([this] { loop(); });
    pthread_setname_np(threads_.back().native_handle(),
                       ("w-" + options_.name).substr(0, 15).c_str());
  }
}

const char* ShardWriter::try_submit(Job& job) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return "the server is stopping";
  if (queue_.size() + held_count_ >= options_.queue_limit) return "too many writes are waiting";
  if (queue_.empty()) waiting_since_ = Steady::now();
  queue_.push_back(std::move(job));
  // The first makes somebody look at the clock; the next ones need nobody until it is worth it.
  if (idle_ > 0 && (queue_.size() == 1 || has_work())) ready_.notify_one();
  return nullptr;
}

void ShardWriter::submit(Job job) {
  const char* reason = try_submit(job);
  if (reason == nullptr) return;
  ++counters_.refused;
  job.done(overloaded(reason));
}

void ShardWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  hurry_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  refuse_the_rest();
}

// Only what a frozen slot holds back can be left.
void ShardWriter::refuse_the_rest() {
  Jobs jobs;
  {
    const std::lock_guard lock(mutex_);
    for (auto* parked : {&frozen_, &held_}) {
      for (auto& [room, waiting] : *parked) std::ranges::move(waiting, std::back_inserter(jobs));
      parked->clear();
    }
    held_count_ = 0;
  }
  for (auto& job : jobs) {
    ++counters_.refused;
    job.done(slot_moving());
  }
}

ShardWriter::Stats ShardWriter::stats() const {
  Stats stats{counters_.batches, counters_.writes, counters_.refused, counters_.failures, 0, 0};
  const std::lock_guard lock(mutex_);
  stats.queued = static_cast<std::int64_t>(queue_.size() + held_count_);
  for (const auto& [room, jobs] : frozen_) stats.frozen += static_cast<std::int64_t>(jobs.size());
  return stats;
}

void ShardWriter::loop() {
  BatchRunner::Options options{options_.name,
                               options_.connect,
                               options_.clock,
                               options_.on_events_committed,
                               [this](std::chrono::milliseconds time) { pause(time); },
                               &counters_,
                               {},
                               options_.on_archived};
  if (options_.on_elsewhere) {
    options.turn_back = [this](Job job, TurnedBack why) { turn_back(std::move(job), why); };
  }
  BatchRunner runner(std::move(options));
  while (true) {
    auto jobs = take();
    if (jobs.empty()) return;
    std::vector<RoomKey> rooms;
    rooms.reserve(jobs.size());
    for (const auto& job : jobs) rooms.push_back(job.key);
    jobs = without_late_ones(std::move(jobs));
    if (!jobs.empty()) runner.work(jobs);
    give_rooms_back(rooms);
    tell_stuck();
  }
}

// A transaction costs the same dozen statements for one request as for sixteen: while one is under
// way, a few more requests are better off in the next one.
bool ShardWriter::has_work() const {
  if (stopping_) return true;
  if (queue_.empty()) return false;
  const bool alone = idle_ == options_.connections;
  return alone || queue_.size() >= options_.worth_another ||
         Steady::now() >= waiting_since_ + options_.patience;
}

std::optional<ShardWriter::Steady::time_point> ShardWriter::next_look() const {
  std::optional<Steady::time_point> at;
  if (!frozen_.empty()) at = thaw_at_;
  if (!queue_.empty()) {
    const auto overdue = waiting_since_ + options_.patience;
    at = at ? std::min(*at, overdue) : overdue;
  }
  return at;
}

void ShardWriter::await_work(std::unique_lock<std::mutex>& lock) {
  ++idle_;
  while (!has_work()) {
    if (!frozen_.empty() && Steady::now() >= thaw_at_) break;
    const auto at = next_look();
    if (at) {
      ready_.wait_until(lock, *at);
    } else {
      ready_.wait(lock);
    }
  }
  --idle_;
  if (!frozen_.empty() && Steady::now() >= thaw_at_) thaw();
}

// Waits for work; empty only when stopping and nothing is left to begin. What another thread's
// rooms hold back is taken by that thread once it is done.
ShardWriter::Jobs ShardWriter::take() {
  std::unique_lock lock(mutex_);
  Jobs jobs;
  while (jobs.empty()) {
    await_work(lock);
    if (queue_.empty() && stopping_) break;
    while (!queue_.empty() && jobs.size() < options_.batch_limit) {
      auto job = std::move(queue_.front());
      queue_.pop_front();
      if (taken_.contains(job.key.room)) {
        held_[job.key.room].push_back(std::move(job));
        ++held_count_;
      } else {
        jobs.push_back(std::move(job));
      }
    }
  }
  for (const auto& job : jobs) taken_.emplace(job.key.room, job.key.slot);
  if (!queue_.empty() && idle_ > 0) ready_.notify_one();
  return jobs;
}

// What was held goes before all that came later.
void ShardWriter::give_room_back(RoomId room) {
  if (taken_.erase(room) == 0) return;
  const auto held = held_.find(room);
  if (held == held_.end()) return;
  held_count_ -= held->second.size();
  if (queue_.empty()) waiting_since_ = Steady::now();
  queue_.insert(queue_.begin(), std::make_move_iterator(held->second.begin()),
                std::make_move_iterator(held->second.end()));
  held_.erase(held);
}

void ShardWriter::give_rooms_back(const std::vector<RoomKey>& rooms) {
  const std::lock_guard lock(mutex_);
  for (const auto& key : rooms) {
    if (frozen_.contains(key.room)) continue;
    give_room_back(key.room);
    if (!has_frozen(key.slot)) frozen_since_.erase(key.slot);
  }
  if (idle_ > 0 && has_work()) ready_.notify_one();
}

bool ShardWriter::has_frozen(shardmap::Slot slot) const {
  return std::ranges::any_of(
      frozen_, [slot](const auto& entry) { return entry.second.front().key.slot == slot; });
}

// The room stays taken, so that everything that comes for it waits behind.
void ShardWriter::turn_back(Job job, TurnedBack why) {
  if (why == TurnedBack::elsewhere) return options_.on_elsewhere(std::move(job));
  const std::lock_guard lock(mutex_);
  const auto now = Steady::now();
  frozen_since_.emplace(job.key.slot, now);
  thaw_at_ = now + kBetweenTries;
  frozen_[job.key.room].push_back(std::move(job));
  ++held_count_;
}

void ShardWriter::thaw() {
  for (auto& [room, jobs] : frozen_) {
    auto& held = held_[room];
    held.insert(held.begin(), std::make_move_iterator(jobs.begin()),
                std::make_move_iterator(jobs.end()));
  }
  const auto rooms = std::exchange(frozen_, {});
  for (const auto& [room, jobs] : rooms) give_room_back(room);
}

void ShardWriter::tell_stuck() {
  if (!options_.on_stuck) return;
  std::vector<shardmap::Slot> stuck;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Steady::now();
    for (auto& [slot, since] : frozen_since_) {
      if (now - since < options_.max_freeze) continue;
      since = now;
      stuck.push_back(slot);
    }
  }
  for (const auto slot : stuck) options_.on_stuck(slot);
}

std::vector<ShardWriter::Job> ShardWriter::expel(shardmap::Slot slot) {
  Jobs out;
  const std::lock_guard lock(mutex_);
  std::vector<RoomId> left;
  for (const auto& [room, jobs] : frozen_) {
    if (jobs.front().key.slot == slot) left.push_back(room);
  }
  for (auto* parked : {&frozen_, &held_}) {
    for (auto entry = parked->begin(); entry != parked->end();) {
      if (entry->second.front().key.slot != slot) {
        ++entry;
        continue;
      }
      held_count_ -= entry->second.size();
      std::ranges::move(entry->second, std::back_inserter(out));
      entry = parked->erase(entry);
    }
  }
  for (const auto room : left) taken_.erase(room);
  const auto of_slot = [slot](const Job& job) { return job.key.slot == slot; };
  std::ranges::copy_if(std::make_move_iterator(queue_.begin()),
                       std::make_move_iterator(queue_.end()), std::back_inserter(out), of_slot);
  std::erase_if(queue_, of_slot);
  frozen_since_.erase(slot);
  return out;
}

bool ShardWriter::is_busy_with(shardmap::Slot slot) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(taken_, [slot](const auto& entry) { return entry.second == slot; });
}

bool ShardWriter::is_busy_with(RoomId room) const {
  const std::lock_guard lock(mutex_);
  return taken_.contains(room);
}

ShardWriter::Jobs ShardWriter::without_late_ones(Jobs jobs) {
  const auto now = std::chrono::steady_clock::now();
  Jobs in_time;
  in_time.reserve(jobs.size());
  for (auto& job : jobs) {
    if (job.write.deadline >= now) {
      in_time.push_back(std::move(job));
      continue;
    }
    ++counters_.refused;
    job.done(overloaded("the request waited past its deadline"));
  }
  return in_time;
}

void ShardWriter::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  hurry_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace respring::store
