#include "store/shard_writer.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace respring::store {

ShardWriter::ShardWriter(Options options) : options_(std::move(options)) {}

ShardWriter::~ShardWriter() { stop(); }

void ShardWriter::start() {
  for (std::size_t i = 0; i < options_.connections; ++i) {
    threads_.emplace_back([this] { loop(); });
    pthread_setname_np(threads_.back().native_handle(),
                       ("w-" + options_.name).substr(0, 15).c_str());
  }
}

void ShardWriter::submit(Job job) {
  const char* reason = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      reason = "the server is stopping";
    } else if (queue_.size() + held_count_ >= options_.queue_limit) {
      reason = "too many writes are waiting";
    } else {
      queue_.push_back(std::move(job));
      if (idle_ > 0) ready_.notify_one();
      return;
    }
  }
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
}

ShardWriter::Stats ShardWriter::stats() const {
  Stats stats{counters_.batches, counters_.writes, counters_.refused, counters_.failures, 0};
  const std::lock_guard lock(mutex_);
  stats.queued = static_cast<std::int64_t>(queue_.size() + held_count_);
  return stats;
}

void ShardWriter::loop() {
  BatchRunner runner({options_.name, options_.connect, options_.clock, options_.on_events_committed,
                      [this](std::chrono::milliseconds time) { pause(time); }, &counters_});
  while (true) {
    auto jobs = take();
    if (jobs.empty()) return;
    std::vector<RoomId> rooms;
    rooms.reserve(jobs.size());
    for (const auto& job : jobs) rooms.push_back(job.key.room);
    jobs = without_late_ones(std::move(jobs));
    if (!jobs.empty()) runner.work(jobs);
    give_rooms_back(rooms);
  }
}

// Waits for work; empty only when stopping and nothing is left to begin. What another thread's
// rooms hold back is taken by that thread once it is done.
ShardWriter::Jobs ShardWriter::take() {
  std::unique_lock lock(mutex_);
  Jobs jobs;
  while (jobs.empty()) {
    ++idle_;
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) break;
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
  for (const auto& job : jobs) taken_.insert(job.key.room);
  if (!queue_.empty() && idle_ > 0) ready_.notify_one();
  return jobs;
}

// What was held goes before all that came later.
void ShardWriter::give_rooms_back(const std::vector<RoomId>& rooms) {
  const std::lock_guard lock(mutex_);
  for (const auto room : rooms) {
    if (taken_.erase(room) == 0) continue;
    const auto held = held_.find(room);
    if (held == held_.end()) continue;
    held_count_ -= held->second.size();
    queue_.insert(queue_.begin(), std::make_move_iterator(held->second.begin()),
                  std::make_move_iterator(held->second.end()));
    held_.erase(held);
  }
  if (!queue_.empty() && idle_ > 0) ready_.notify_one();
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
