#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "chat/ports/room_log.h"
#include "shardmap/shard_map.h"
#include "sql/pool.h"
#include "store/batch.h"
#include "store/segments_at_hand.h"
#include "telemetry/metrics.h"
#include "telemetry/spans.h"

namespace respring::store {

/// One request to a shard.
struct WriteJob {
  chat::Write write;
  RoomKey key;
  shardmap::Epoch epoch = 1;  ///< of the slot, by the map of whoever submits
  chat::RoomLog::Done done;
  std::int64_t ticket = 0;  ///< by which jobs that were turned back find their order again
  /// What it is about was archived: to be put back before it is carried out.
  std::shared_ptr<SegmentsAtHand> archived{};
};

/// Why a shard did not carry out a job, and did not refuse it.
enum class TurnedBack : std::uint8_t {
  no,
  waits,      ///< its slot is frozen for a moment: to be tried here again
  elsewhere,  ///< another shard has it, or will
  archived,   ///< it needs segments that are not at hand
};

/// What a shard's writers have done, counted by all of them.
struct WriteCounters {
  std::atomic<std::int64_t> batches{0};   ///< transactions that were answered
  std::atomic<std::int64_t> writes{0};    ///< requests answered with success
  std::atomic<std::int64_t> refused{0};   ///< by the rules, the fence, a deadline or the full queue
  std::atomic<std::int64_t> failures{0};  ///< transactions that did not commit
};

/// Carries out batches of requests over one connection, each in one transaction, and answers every
/// request. A transaction that met a lock, or whose connection broke before COMMIT, is tried again,
/// rooms that somebody holds for long after all others; after a COMMIT of unknown outcome nothing
/// is answered or written before it is known. Blocks; one thread.
class BatchRunner {
 public:
  struct Options {
    std::string shard;     ///< its name
    sql::Connect connect;  ///< to the shard's migrated database
    const Clock* clock = nullptr;
    std::function<void()> on_events_committed;
    /// Lets that much time pass, less when there is a reason to hurry.
    std::function<void(std::chrono::milliseconds)> pause;
    WriteCounters* counters = nullptr;
    /// Takes jobs over instead of an answer. Nothing: they are answered `slot_moving`.
    std::function<void(WriteJob, TurnedBack)> turn_back = {};
    /// Takes over those that are `archived`. Nothing: they are refused.
    std::function<void(WriteJob)> bring_back = {};
  };

  explicit BatchRunner(Options options);

  /// No two of these may be in the hands of two runners of a process if they are of one room.
  void work(std::vector<WriteJob>& jobs);

 private:
  using Answer = Result<chat::Written>;
  using Jobs = std::vector<WriteJob>;
  struct Attempt {
    std::vector<Answer> answers;     ///< in the order of the jobs
    std::vector<TurnedBack> turned;  ///< likewise
    std::map<std::size_t, std::vector<SegmentRow>> archived;
    std::optional<Batch::Probe> probe;
    bool connected = false;
    spans::Clock::time_point begun = spans::Clock::now();
  };
  enum class Next : std::uint8_t { again, done, one_by_one, without_held };

  sql::Result<void> connect();
  /// One transaction; fills the attempt before it commits.
  sql::Result<void> transact(const Jobs& jobs, Attempt& attempt);
  sql::Result<void> carry_out_all(const Jobs& jobs, Batch& batch, Attempt& attempt);
  static sql::Result<void> carry_out_one(const WriteJob& job, Batch& batch, Attempt& attempt);
  /// Whether somebody else has taken the job over.
  bool hand_over(WriteJob& job, std::size_t index, Attempt& attempt);
  Next after_failure(Jobs& jobs, Attempt& attempt, const sql::Failure& failure, bool may_repeat);
  /// Whether a commit of unknown outcome happened; nothing when that cannot be found out.
  std::optional<bool> has_committed(const Attempt& attempt);
  void work_one_by_one(Jobs& jobs);
  /// The rooms that somebody else holds at this moment.
  std::vector<RoomId> held_rooms(const Jobs& jobs);
  /// The others' jobs together, then those of each held room. False when none is held (any more).
  bool work_without_held(Jobs& jobs);
  void answer(Jobs& jobs, Attempt& attempt);
  void refuse(Jobs& jobs, const Error& error);

  Options options_;
  metrics::Histogram rows_;
  metrics::Histogram seconds_;
  std::unique_ptr<sql::Connection> connection_;
  std::string lost_session_;  // may still hold a transaction on the server
};

}  // namespace respring::store
