#include "store/batch_runner.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "store/commands.h"

namespace respring::store {
namespace {

constexpr int kAttempts = 3;  // of a transaction that met a lock or lost its connection
constexpr int kLooks = 20;    // for what became of a commit
constexpr auto kBetweenLooks = std::chrono::milliseconds(100);
constexpr auto kHeldForLong = std::chrono::milliseconds(500);  // a deadlock is found out at once

// After a commit of unknown outcome: is this event in the log? The room's row is taken first: the
// lost transaction holds it until it is over, and what is read then is final.
sql::Result<bool> happened(sql::Connection& db, const Batch::Probe& probe) {
  RESPRING_TRY(const auto transaction, sql::Transaction::begin(db, sql::Begin::write));
  RESPRING_TRYV(load_room(db, probe.key, db.dialect().for_update()));
  RESPRING_TRY(auto rows,
               db.query("SELECT sender_id, created_at FROM message WHERE slot=? AND room_id=? AND "
                        "seq=? UNION ALL SELECT actor_id, created_at FROM change_event WHERE "
                        "slot=? AND room_id=? AND seq=?",
                        probe.key.slot.value, probe.key.room, probe.seq, probe.key.slot.value,
                        probe.key.room, probe.seq));
  RESPRING_TRY(const bool found, rows.next());
  return found && rows.id<UserId>(0) == probe.actor && rows.time(1) == probe.at;
}

std::vector<Batch::Need> needs_of(const std::vector<WriteJob>& jobs) {
  std::vector<Batch::Need> needs;
  needs.reserve(jobs.size());
  for (const auto& job : jobs) {
    const auto* send = std::get_if<chat::Send>(&job.write.command);
    const auto cid = send != nullptr ? std::optional(send->cid) : std::nullopt;
    needs.push_back({job.key, job.write.actor, cid});
  }
  return needs;
}

/// Its traceparent; nothing when it is none, for it will stand between the words of a line.
std::string traced(const chat::Write& write) {
  const auto context = trace::parse_traceparent(write.trace);
  return context ? context->traceparent() : std::string();
}

TurnedBack standing_of(const Fence& fence, shardmap::Epoch epoch) {
  if (fence.open() && fence.epoch == epoch) return TurnedBack::no;
  // A frozen slot may be about to go on here with the next epoch, without a room that has left it.
  const bool here = fence.state == shardmap::SlotState::importing || fence.epoch <= epoch;
  return fence.waits() && here ? TurnedBack::waits : TurnedBack::elsewhere;
}

}  // namespace

BatchRunner::BatchRunner(Options options)
    : options_(std::move(options)),
      rows_(metrics::histogram("respring_batch_rows", {{"shard", options_.shard}})),
      seconds_(metrics::histogram("respring_batch_seconds", {{"shard", options_.shard}})) {}

sql::Result<void> BatchRunner::connect() {
  if (connection_ && connection_->usable()) return success();
  if (connection_) lost_session_ = connection_->session();
  connection_.reset();
  RESPRING_TRY(connection_, options_.connect());
  if (lost_session_.empty()) return success();
  RESPRING_TRYV(connection_->end_session(lost_session_));
  lost_session_.clear();
  return success();
}

sql::Result<void> BatchRunner::carry_out_all(const Jobs& jobs, Batch& batch, Attempt& attempt) {
  RESPRING_TRYV(batch.prefetch(needs_of(jobs)));
  attempt.answers.reserve(jobs.size());
  for (const auto& job : jobs) {
    attempt.turned.push_back(standing_of(batch.fence_of(job.key), job.epoch));
    if (attempt.turned.back() != TurnedBack::no) {
      attempt.answers.emplace_back(slot_moving());
      continue;
    }
    RESPRING_TRYV(carry_out_one(job, batch, attempt));
  }
  return batch.finish();
}

sql::Result<void> BatchRunner::carry_out_one(const WriteJob& job, Batch& batch, Attempt& attempt) {
  if (job.archived) {
    for (const auto& [row, segment] : job.archived->all()) {
      RESPRING_TRYV(batch.put_back(job.key, row, *segment));
    }
  }
  batch.on_behalf_of(traced(job.write));
  auto outcome = carry_out(batch, job.key, job.write);
  if (outcome) {
    attempt.answers.emplace_back(std::move(outcome).assume_value());
    return success();
  }
  const auto& why = outcome.assume_error();
  if (const auto* failure = why.failure()) return *failure;
  if (const auto* archived = why.archived()) {
    attempt.turned.back() = TurnedBack::archived;
    attempt.archived[attempt.answers.size()] = archived->segments;
  }
  attempt.answers.emplace_back(why.error());
  return success();
}

sql::Result<void> BatchRunner::transact(const Jobs& jobs, Attempt& attempt) {
  RESPRING_TRYV(connect());
  attempt.connected = true;
  const auto begun = std::chrono::steady_clock::now();
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*connection_, sql::Begin::write));
  Batch batch(*connection_, options_.clock->now());
  RESPRING_TRYV(carry_out_all(jobs, batch, attempt));
  if (!batch.has_written()) return success();  // repeats and refusals only: nothing to commit
  attempt.probe = batch.probe();
  RESPRING_TRYV(transaction.commit());
  rows_.observe(static_cast<double>(jobs.size()));
  seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  if (batch.has_events()) options_.on_events_committed();
  return success();
}

std::optional<bool> BatchRunner::has_committed(const Attempt& attempt) {
  if (!attempt.probe) return std::nullopt;
  for (int i = 0; i < kLooks; ++i) {
    if (i > 0) options_.pause(kBetweenLooks);
    if (!connect()) continue;
    const auto found = happened(*connection_, *attempt.probe);
    if (found) return found.assume_value();
  }
  return std::nullopt;
}

void BatchRunner::work(Jobs& jobs) {
  for (int attempts = 1; true; ++attempts) {
    Attempt attempt;
    const auto committed = transact(jobs, attempt);
    if (committed) return answer(jobs, attempt);
    ++options_.counters->failures;
    switch (after_failure(jobs, attempt, committed.assume_error(), attempts < kAttempts)) {
      case Next::again:
        continue;
      case Next::one_by_one:
        return work_one_by_one(jobs);
      case Next::without_held:
        if (work_without_held(jobs)) return;
        continue;
      case Next::done:
        return;
    }
  }
}

BatchRunner::Next BatchRunner::after_failure(Jobs& jobs, Attempt& attempt,
                                             const sql::Failure& failure, bool may_repeat) {
  switch (failure.code) {
    case sql::Errc::busy:
      if (!may_repeat) break;
      if (spans::Clock::now() - attempt.begun < kHeldForLong) return Next::again;
      return Next::without_held;
    case sql::Errc::unavailable:
      // The connection broke, maybe while it lay idle: nothing happened, and another one may work.
      if (may_repeat && attempt.connected && !connection_->usable()) return Next::again;
      break;
    case sql::Errc::commit_unknown: {
      const auto happened = has_committed(attempt);
      if (happened == true) {
        options_.on_events_committed();
        answer(jobs, attempt);
        return Next::done;
      }
      if (happened == false && may_repeat) return Next::again;
      refuse(jobs, internal("the outcome of the commit is unknown"));
      return Next::done;
    }
    case sql::Errc::unique:
      // Another node was faster to write the same: it will be found at the next look.
      if (jobs.size() > 1) return Next::one_by_one;
      if (may_repeat) return Next::again;
      break;
    case sql::Errc::other:
      if (jobs.size() > 1) return Next::one_by_one;
      break;
    default:
      break;
  }
  refuse(jobs, failure);
  return Next::done;
}

// One of them makes the transaction fail: alone, it fails alone.
void BatchRunner::work_one_by_one(Jobs& jobs) {
  for (auto& job : jobs) {
    Jobs one;
    one.push_back(std::move(job));
    work(one);
  }
}

std::vector<RoomId> BatchRunner::held_rooms(const Jobs& jobs) {
  std::vector<RoomId> held;
  std::set<RoomId> seen;
  for (const auto& job : jobs) {
    if (!seen.insert(job.key.room).second || !connect()) continue;
    const auto transaction = sql::Transaction::begin(*connection_, sql::Begin::write);
    if (!transaction) continue;
    const auto row = load_room(*connection_, job.key, connection_->dialect().for_update_nowait());
    if (!row && row.assume_error().code == sql::Errc::busy) held.push_back(job.key.room);
  }
  return held;
}

// Whoever holds them may do so for as long as he likes, a node that was stopped in the middle of a
// transaction for one: neighbours in the batch need not wait for him again.
bool BatchRunner::work_without_held(Jobs& jobs) {
  const auto held = held_rooms(jobs);
  if (held.empty()) return false;
  Jobs free;
  std::map<RoomId, Jobs> by_room;
  for (auto& job : jobs) {
    const bool waits = std::ranges::find(held, job.key.room) != held.end();
    (waits ? by_room[job.key.room] : free).push_back(std::move(job));
  }
  if (!free.empty()) work(free);
  if (free.empty() && by_room.size() == 1) {
    jobs = std::move(by_room.begin()->second);
    return false;
  }
  for (auto& [room, some] : by_room) work(some);
  return true;
}

void BatchRunner::answer(Jobs& jobs, Attempt& attempt) {
  auto& counters = *options_.counters;
  ++counters.batches;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (hand_over(jobs[i], i, attempt)) continue;
    auto& answer = attempt.answers[i];
    ++(answer ? counters.writes : counters.refused);
    const auto& trace = jobs[i].write.trace;
    if (answer && !trace.empty()) {
      spans::record(trace, "batch commit", spans::Kind::internal, attempt.begun,
                    {{"respring.shard", options_.shard},
                     {"respring.batch_size", std::to_string(jobs.size())}});
    }
    jobs[i].done(std::move(answer));
  }
}

bool BatchRunner::hand_over(WriteJob& job, std::size_t index, Attempt& attempt) {
  const auto why = attempt.turned[index];
  if (why == TurnedBack::no) return false;
  if (why == TurnedBack::archived) {
    if (!options_.bring_back) return false;
    if (!job.archived) job.archived = std::make_shared<SegmentsAtHand>();
    for (auto& row : attempt.archived[index]) job.archived->want(std::move(row));
    options_.bring_back(std::move(job));
    return true;
  }
  if (!options_.turn_back) return false;
  options_.turn_back(std::move(job), why);
  return true;
}

void BatchRunner::refuse(Jobs& jobs, const Error& error) {
  for (auto& job : jobs) {
    ++options_.counters->refused;
    job.done(error);
  }
}

}  // namespace respring::store
