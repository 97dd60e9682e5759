#include "store/shard_writer.h"

#include <pthread.h>

#include <utility>

#include "store/commands.h"

namespace respring::store {
namespace {

constexpr int kAttempts = 3;  // of a transaction that met a lock or lost its commit
constexpr int kLooks = 20;    // for what became of a commit
constexpr auto kBetweenLooks = std::chrono::milliseconds(100);

// After a commit of unknown outcome: is this event in the log?
sql::Result<bool> happened(sql::Connection& db, const Batch::Probe& probe) {
  RESPRING_TRY(auto rows,
               db.query("SELECT sender_id, created_at FROM message WHERE slot=? AND room_id=? AND "
                        "seq=? UNION ALL SELECT actor_id, created_at FROM change_event WHERE "
                        "slot=? AND room_id=? AND seq=?",
                        probe.key.slot.value, probe.key.room, probe.seq, probe.key.slot.value,
                        probe.key.room, probe.seq));
  RESPRING_TRY(const bool found, rows.next());
  return found && rows.id<UserId>(0) == probe.actor && rows.time(1) == probe.at;
}

}  // namespace

ShardWriter::ShardWriter(Options options) : options_(std::move(options)) {}

ShardWriter::~ShardWriter() { stop(); }

void ShardWriter::start() {
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), ("w-" + options_.name).substr(0, 15).c_str());
}

void ShardWriter::submit(Job job) {
  const char* reason = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      reason = "the server is stopping";
    } else if (queue_.size() >= options_.queue_limit) {
      reason = "too many writes are waiting";
    } else {
      queue_.push_back(std::move(job));
      if (queue_.size() == 1) ready_.notify_one();
      return;
    }
  }
  ++refused_;
  job.done(overloaded(reason));
}

void ShardWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  if (thread_.joinable()) thread_.join();
}

ShardWriter::Stats ShardWriter::stats() const {
  Stats stats{batches_, writes_, refused_, failures_, 0};
  const std::lock_guard lock(mutex_);
  stats.queued = static_cast<std::int64_t>(queue_.size());
  return stats;
}

void ShardWriter::loop() {
  while (true) {
    auto jobs = take();
    if (jobs.empty()) return;
    jobs = without_late_ones(std::move(jobs));
    if (!jobs.empty()) work(jobs);
  }
}

// Waits for work; empty only when stopping and nothing is left.
ShardWriter::Jobs ShardWriter::take() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  Jobs jobs;
  while (!queue_.empty() && jobs.size() < options_.batch_limit) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
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
    ++refused_;
    job.done(overloaded("the request waited past its deadline"));
  }
  return in_time;
}

sql::Result<void> ShardWriter::connect() {
  if (connection_ && connection_->usable()) return success();
  connection_.reset();
  RESPRING_TRY(connection_, options_.connect());
  return success();
}

sql::Result<void> ShardWriter::carry_out_all(const Jobs& jobs, Batch& batch, Attempt& attempt) {
  std::vector<RoomKey> keys;
  keys.reserve(jobs.size());
  for (const auto& job : jobs) keys.push_back(job.key);
  RESPRING_TRYV(batch.prefetch(std::move(keys)));
  attempt.answers.reserve(jobs.size());
  for (const auto& job : jobs) {
    auto fenced = batch.check_fence(job.key, job.epoch);
    auto outcome = fenced ? carry_out(batch, job.key, job.write)
                          : Step<chat::Written>(std::move(fenced).assume_error());
    if (outcome) {
      attempt.answers.emplace_back(std::move(outcome).assume_value());
      continue;
    }
    if (const auto* failure = outcome.assume_error().failure()) return *failure;
    attempt.answers.emplace_back(outcome.assume_error().error());
  }
  return batch.finish();
}

sql::Result<void> ShardWriter::transact(const Jobs& jobs, Attempt& attempt) {
  RESPRING_TRYV(connect());
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*connection_, sql::Begin::write));
  Batch batch(*connection_, options_.clock->now());
  RESPRING_TRYV(carry_out_all(jobs, batch, attempt));
  if (!batch.has_written()) return success();  // repeats and refusals only: nothing to commit
  attempt.probe = batch.probe();
  RESPRING_TRYV(transaction.commit());
  if (batch.has_events()) options_.on_events_committed();
  return success();
}

void ShardWriter::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  ready_.wait_for(lock, time, [this] { return stopping_; });
}

std::optional<bool> ShardWriter::has_committed(const Attempt& attempt) {
  if (!attempt.probe) return std::nullopt;
  for (int i = 0; i < kLooks; ++i) {
    if (i > 0) pause(kBetweenLooks);
    if (!connect()) continue;
    const auto found = happened(*connection_, *attempt.probe);
    if (found) return found.assume_value();
  }
  return std::nullopt;
}

void ShardWriter::work(Jobs& jobs) {
  for (int attempts = 1; true; ++attempts) {
    Attempt attempt;
    const auto committed = transact(jobs, attempt);
    if (committed) return answer(jobs, attempt.answers);
    ++failures_;
    const auto& failure = committed.assume_error();
    const bool again = attempts < kAttempts;
    switch (failure.code) {
      case sql::Errc::busy:
        if (again) continue;
        return refuse(jobs, failure);
      case sql::Errc::commit_unknown: {
        // Nothing else is written to these rooms before this is settled: this is their only writer.
        const auto happened = has_committed(attempt);
        if (happened == true) {
          options_.on_events_committed();
          return answer(jobs, attempt.answers);
        }
        if (happened == false && again) continue;
        return refuse(jobs, internal("the outcome of the commit is unknown"));
      }
      case sql::Errc::unique:
      case sql::Errc::other:
        if (jobs.size() > 1) return work_one_by_one(jobs);
        return refuse(jobs, failure);
      default:
        return refuse(jobs, failure);
    }
  }
}

// One of them makes the transaction fail: alone, it fails alone.
void ShardWriter::work_one_by_one(Jobs& jobs) {
  for (auto& job : jobs) {
    Jobs one;
    one.push_back(std::move(job));
    work(one);
  }
}

void ShardWriter::answer(Jobs& jobs, std::vector<Answer>& answers) {
  ++batches_;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ++(answers[i] ? writes_ : refused_);
    jobs[i].done(std::move(answers[i]));
  }
}

void ShardWriter::refuse(Jobs& jobs, const Error& error) {
  for (auto& job : jobs) {
    ++refused_;
    job.done(error);
  }
}

}  // namespace respring::store
