#include "store/write_router.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/slots.h"

namespace respring::store {
namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(2);   // while something waits
constexpr auto kBetweenTries = std::chrono::milliseconds(20);  // of a shard that refused

}  // namespace

WriteRouter::WriteRouter(Options options)
    : options_(std::move(options)),
      map_(std::make_shared<const shardmap::ShardMap>(options_.map)) {}

WriteRouter::~WriteRouter() { stop(); }

void WriteRouter::start(std::vector<ShardWriter*> writers) {
  writers_ = std::move(writers);
  if (!follows_changes()) return;
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), "shard-map");
}

void WriteRouter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::map<shardmap::Slot, Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    left = std::exchange(waiting_, {});
    waiting_count_ = 0;
  }
  for (auto& [slot, waiting] : left) {
    for (auto& job : waiting.jobs) job.done(slot_moving());
  }
}

std::shared_ptr<const shardmap::ShardMap> WriteRouter::map() const {
  const std::lock_guard lock(mutex_);
  return map_;
}

std::int64_t WriteRouter::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(waiting_count_);
}

const char* WriteRouter::route(WriteJob& job) {
  const auto& owner = map_->owner_of(job.key.slot);
  job.epoch = owner.epoch;
  if (owner.shard < 0) return "the room's shard is not configured here";
  return writers_[static_cast<std::size_t>(owner.shard)]->try_submit(job);
}

void WriteRouter::submit(WriteJob job) {
  const char* reason = nullptr;
  {
    const std::lock_guard lock(mutex_);
    job.ticket = ++tickets_;
    job.key.slot = map_->slot_of(job.key.room);
    const auto waiting = waiting_.find(job.key.slot);
    if (waiting == waiting_.end()) {
      reason = route(job);
    } else if (waiting_count_ >= options_.wait_limit || stopping_) {
      reason = "too many writes wait for rooms that are being moved";
    } else {
      waiting->second.jobs.push_back(std::move(job));
      ++waiting_count_;
    }
  }
  if (reason != nullptr) job.done(overloaded(reason));
}

void WriteRouter::turned_back(WriteJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      const auto slot = map_->slot_of(job.key.room);
      const bool tried = map_->owner_of(slot).epoch == job.epoch;
      if (tried) waiting_[slot].not_before = Steady::now() + kBetweenTries;
      put_aside(std::move(job));
      ++waiting_count_;
      look_ = true;
      changed_.notify_one();
      return;
    }
  }
  job.done(slot_moving());
}

void WriteRouter::stuck(shardmap::Slot slot) {
  const std::lock_guard lock(mutex_);
  stuck_.insert(slot);
  look_ = true;
  changed_.notify_one();
}

void WriteRouter::look_again() {
  const std::lock_guard lock(mutex_);
  look_ = true;
  changed_.notify_one();
}

void WriteRouter::loop() {
  auto poll_at = Steady::now() + options_.poll;
  while (true) {
    std::set<shardmap::Slot> stuck;
    {
      std::unique_lock lock(mutex_);
      const auto until = waiting_.empty() ? poll_at : Steady::now() + kBetweenLooks;
      changed_.wait_until(lock, until, [this] { return stopping_ || look_; });
      if (stopping_) return;
      look_ = false;
      stuck = std::exchange(stuck_, {});
    }
    for (const auto slot : stuck) {
      // What fails is tried again when the slot is still frozen after as long.
      if (options_.settle) static_cast<void>(options_.settle(slot).has_value());
    }
    read_map();
    poll_at = Steady::now() + options_.poll;
    flush();
  }
}

// A meta database that cannot be reached changes nothing: the shards know what they own.
void WriteRouter::read_map() {
  auto fresh = options_.newer_map(map()->version);
  if (fresh && fresh.assume_value()) adopt(std::move(*fresh.assume_value()));
}

// Under the lock: to what waits for its room, whose slot may be another one by now.
void WriteRouter::put_aside(WriteJob job) {
  job.key.slot = map_->slot_of(job.key.room);
  waiting_[job.key.slot].jobs.push_back(std::move(job));
}

// Under the lock, with the new map: these slots and shards do not belong together any more. Whoever
// comes from now on for what has changed waits.
std::set<std::pair<shardmap::Slot, std::int32_t>> WriteRouter::changes_since(
    const shardmap::ShardMap& before) {
  std::set<std::pair<shardmap::Slot, std::int32_t>> gone;
  for (std::size_t i = 0; i < before.owners.size(); ++i) {
    const shardmap::Slot slot{static_cast<std::int32_t>(i)};
    if (before.owner_of(slot).shard == map_->owner_of(slot).shard) continue;
    waiting_[slot].not_before = {};
    gone.emplace(slot, before.owner_of(slot).shard);
  }
  for (const auto& [room, slot] : map_->isolated) {
    const auto old = before.slot_of(room);
    if (old == slot) continue;
    for (const auto changed : {old, slot}) waiting_[changed].not_before = {};
    gone.emplace(old, before.owner_of(old).shard);
  }
  return gone;
}

// What waits until the last one at the old shard has been answered or has come back.
void WriteRouter::adopt(shardmap::ShardMap fresh) {
  std::set<std::pair<shardmap::Slot, std::int32_t>> gone;
  {
    const std::lock_guard lock(mutex_);
    const auto before =
        std::exchange(map_, std::make_shared<const shardmap::ShardMap>(std::move(fresh)));
    gone = changes_since(*before);
    std::vector<WriteJob> parked;
    for (auto& [slot, waiting] : waiting_) {
      std::ranges::move(waiting.jobs, std::back_inserter(parked));
      waiting.jobs.clear();
    }
    for (auto& job : parked) put_aside(std::move(job));
  }
  for (const auto& [slot, shard] : gone) {
    if (shard < 0) continue;
    auto jobs = writers_[static_cast<std::size_t>(shard)]->expel(slot);
    const std::lock_guard lock(mutex_);
    waiting_count_ += jobs.size();
    for (auto& job : jobs) put_aside(std::move(job));
  }
}

// An isolated room may still be in hand under the slot that it had.
bool WriteRouter::is_busy_with(shardmap::Slot slot) const {
  const auto busy = [](const auto& what) {
    return [&what](const ShardWriter* writer) { return writer->is_busy_with(what); };
  };
  if (std::ranges::any_of(writers_, busy(slot))) return true;
  if (slot.value < shardmap::kHashedSlots) return false;
  const auto room = std::ranges::find_if(
      map_->isolated, [slot](const auto& entry) { return entry.second == slot; });
  return room != map_->isolated.end() && std::ranges::any_of(writers_, busy(room->first));
}

void WriteRouter::flush() {
  std::vector<std::pair<WriteJob, const char*>> refused;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Steady::now();
    for (auto entry = waiting_.begin(); entry != waiting_.end();) {
      auto& [slot, waiting] = *entry;
      if (now < waiting.not_before || is_busy_with(slot)) {
        ++entry;
        continue;
      }
      std::ranges::sort(waiting.jobs, {}, &WriteJob::ticket);
      waiting_count_ -= waiting.jobs.size();
      for (auto& job : waiting.jobs) {
        const char* reason = route(job);
        if (reason != nullptr) refused.emplace_back(std::move(job), reason);
      }
      entry = waiting_.erase(entry);
    }
  }
  for (auto& [job, reason] : refused) job.done(overloaded(reason));
}

}  // namespace respring::store
