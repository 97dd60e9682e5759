#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "store/batch_runner.h"

namespace respring::store {

/// Writes a shard, with as many threads and connections as its database likes. While a commit is
/// under way, what arrives is collected and becomes the next transaction: an idle shard adds no
/// delay, a busy one forms large batches by itself. Another connection begins beside it only when
/// enough waits to be worth its statements, or something has waited for `patience`. A room is in
/// the hands of one thread at a time, and its requests are carried out in the order of their
/// coming. While a room's slot is frozen by a move its requests wait here, without holding up other
/// rooms. Safe from any thread.
class ShardWriter {
 public:
  struct Options {
    std::string name;      ///< of the shard
    sql::Connect connect;  ///< to its migrated database
    const Clock* clock = nullptr;
    std::size_t connections = 1;
    std::size_t batch_limit = 256;
    std::size_t queue_limit = 8192;  ///< more is refused: `overloaded`
    std::size_t worth_another = 16;  ///< requests for a transaction beside one under way
    std::chrono::milliseconds patience{10};
    std::function<void()> on_events_committed = [] {};
    /// Takes a job whose slot this shard does not have. Without it jobs of slots on their way are
    /// answered `slot_moving`; both are called from a writer's thread.
    std::function<void(WriteJob)> on_elsewhere = {};
    /// Takes a job that is about archived events. Without it such jobs are refused. Likewise.
    std::function<void(WriteJob)> on_archived = {};
    /// A slot has been frozen for `max_freeze`, again after as long.
    std::function<void(shardmap::Slot)> on_stuck = {};
    std::chrono::milliseconds max_freeze{2000};
  };
  using Job = WriteJob;
  struct Stats {
    std::int64_t batches = 0;
    std::int64_t writes = 0;    ///< requests answered with success
    std::int64_t refused = 0;   ///< by the rules, the fence, a deadline or the full queue
    std::int64_t failures = 0;  ///< transactions that did not commit
    std::int64_t queued = 0;
    std::int64_t frozen = 0;  ///< of them those whose slot is frozen
  };

  explicit ShardWriter(Options options);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  void start();
  void submit(Job job);
  /// The reason of a refusal, and the job stays; else nothing.
  const char* try_submit(Job& job);
  /// Takes out what waits for rooms of this slot; what is in hand comes back by on_elsewhere or is
  /// answered.
  std::vector<Job> expel(shardmap::Slot slot);
  /// Whether a room of this slot is in hand.
  bool is_busy_with(shardmap::Slot slot) const;
  /// Whether this room is in hand, whatever slot it had.
  bool is_busy_with(RoomId room) const;
  /// Finishes what is queued, refuses what comes later, joins. Idempotent.
  void stop();
  Stats stats() const;

 private:
  using Jobs = std::vector<Job>;

  using Steady = std::chrono::steady_clock;

  void loop();
  Jobs take();
  void await_work(std::unique_lock<std::mutex>& lock);
  bool has_work() const;
  std::optional<Steady::time_point> next_look() const;
  void give_rooms_back(const std::vector<RoomKey>& rooms);
  void give_room_back(RoomId room);
  void turn_back(Job job, TurnedBack why);
  void thaw();
  void tell_stuck();
  bool has_frozen(shardmap::Slot slot) const;
  void refuse_the_rest();
  Jobs without_late_ones(Jobs jobs);
  void pause(std::chrono::milliseconds time);

  Options options_;
  WriteCounters counters_;

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable hurry_;
  std::deque<Job> queue_;
  std::unordered_map<RoomId, shardmap::Slot> taken_;  // rooms in hand or frozen
  std::unordered_map<RoomId, std::deque<Job>> held_;  // met while their room was taken
  std::size_t held_count_ = 0;                        // with the frozen ones
  std::unordered_map<RoomId, std::deque<Job>> frozen_;
  std::map<shardmap::Slot, Steady::time_point> frozen_since_;
  Steady::time_point thaw_at_{};
  Steady::time_point waiting_since_{};  // the first of the queue
  std::size_t idle_ = 0;                // threads that wait
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace respring::store
