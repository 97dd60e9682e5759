#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "chat/ports/room_log.h"
#include "shardmap/shard_map.h"
#include "sql/pool.h"
#include "store/batch.h"

namespace respring::store {

/// The one thread that writes a shard. While a commit is under way, what arrives is collected and
/// becomes the next transaction: an idle shard adds no delay, a busy one forms large batches by
/// itself. Safe from any thread.
class ShardWriter {
 public:
  struct Options {
    std::string name;      ///< of the shard
    sql::Connect connect;  ///< to its migrated database
    const Clock* clock = nullptr;
    std::size_t batch_limit = 256;
    std::size_t queue_limit = 8192;  ///< more is refused: `overloaded`
    std::function<void()> on_events_committed = [] {};
  };
  struct Job {
    chat::Write write;
    RoomKey key;
    shardmap::Epoch epoch = 1;  ///< of the slot, by the map of whoever submits
    chat::RoomLog::Done done;
  };
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
  using Answer = Result<chat::Written>;
  using Jobs = std::vector<Job>;
  struct Attempt {
    std::vector<Answer> answers;  ///< in the order of the jobs
    std::optional<Batch::Probe> probe;
  };

  void loop();
  Jobs take();
  Jobs without_late_ones(Jobs jobs);
  void work(Jobs& jobs);
  void work_one_by_one(Jobs& jobs);
  sql::Result<void> connect();
  /// One transaction; fills the attempt before it commits.
  sql::Result<void> transact(const Jobs& jobs, Attempt& attempt);
  sql::Result<void> carry_out_all(const Jobs& jobs, Batch& batch, Attempt& attempt);
  /// Lets that much time pass, less when stopping.
  void pause(std::chrono::milliseconds time);
  /// Whether a commit of unknown outcome happened; nothing when that cannot be found out.
  std::optional<bool> has_committed(const Attempt& attempt);
  void answer(Jobs& jobs, std::vector<Answer>& answers);
  void refuse(Jobs& jobs, const Error& error);

  Options options_;
  std::unique_ptr<sql::Connection> connection_;

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;

  std::atomic<std::int64_t> batches_{0}, writes_{0}, refused_{0}, failures_{0};
};

}  // namespace respring::store
