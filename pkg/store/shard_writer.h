#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/batch_runner.h"

namespace respring::store {

/// Writes a shard, with as many threads and connections as its database likes. While a commit is
/// under way, what arrives is collected and becomes the next transaction: an idle shard adds no
/// delay, a busy one forms large batches by itself. A room is in the hands of one thread at a time,
/// and its requests are carried out in the order of their coming. Safe from any thread.
class ShardWriter {
 public:
  struct Options {
    std::string name;      ///< of the shard
    sql::Connect connect;  ///< to its migrated database
    const Clock* clock = nullptr;
    std::size_t connections = 1;
    std::size_t batch_limit = 256;
    std::size_t queue_limit = 8192;  ///< more is refused: `overloaded`
    std::function<void()> on_events_committed = [] {};
  };
  using Job = WriteJob;
  struct Stats {
    std::int64_t batches = 0;
    std::int64_t writes = 0;    ///< requests answered with success
    std::int64_t refused = 0;   ///< by the rules, the fence, a deadline or the full queue
    std::int64_t failures = 0;  ///< transactions that did not commit
    std::int64_t queued = 0;
  };

  explicit ShardWriter(Options options);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  void start();
  void submit(Job job);
  /// Finishes what is queued, refuses what comes later, joins. Idempotent.
  void stop();
  Stats stats() const;

 private:
  using Jobs = std::vector<Job>;

  void loop();
  Jobs take();
  void give_rooms_back(const std::vector<RoomId>& rooms);
  Jobs without_late_ones(Jobs jobs);
  void pause(std::chrono::milliseconds time);

  Options options_;
  WriteCounters counters_;

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable hurry_;
  std::deque<Job> queue_;
  std::unordered_set<RoomId> taken_;                  // rooms some thread is writing
  std::unordered_map<RoomId, std::deque<Job>> held_;  // met while their room was taken
  std::size_t held_count_ = 0;
  std::size_t idle_ = 0;  // threads that wait
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace respring::store
