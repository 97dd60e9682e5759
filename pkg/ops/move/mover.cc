#include "ops/move/mover.h"

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "ops/move/patience.h"

namespace respring::move {
namespace {

using namespace std::chrono_literals;

constexpr int kCleanRows = 500;

// Ends the stages from wherever they are; run() tells why.
Error over() { return {ErrorCode::request_timeout, "the move has ended", {}, {}}; }

}  // namespace

void Mover::step(Stage stage, std::string_view when) {
  failpoint("move." + std::string(name_of(stage)) + "." + std::string(when));
}

Result<void> Mover::report(bool at_once) {
  const auto now = Steady::now();
  options_.on_progress(progress_);
  if (!at_once && now - reported_ < options_.report_every) return success();
  reported_ = now;
  move_.stage = name_of(progress_.stage);
  move_.rows = progress_.rows;
  move_.lease_until = options_.now() + options_.lease;
  RESPRING_TRY(const Move wanted, patiently([&] { return stores_.report(move_); }));
  move_.wish = wanted.wish;
  move_.pace = wanted.pace;
  return success();
}

// What an operator wants, between two transactions.
Result<void> Mover::heed() {
  RESPRING_TRYV(report(false));
  while (move_.wish == shardmap::MoveWish::pause && !options_.stopping()) {
    progress_.waits_for = "paused: respring shard resume " + move_.id;
    options_.on_progress(progress_);
    options_.pause(200ms);
    RESPRING_TRYV(report(true));
  }
  progress_.waits_for.clear();
  if (move_.wish == shardmap::MoveWish::abort) {
    ended_ = Ended{Ending::aborted, AbortCause::wish, "as wanted"};
    return over();
  }
  if (options_.stopping()) {
    ended_ = Ended{Ending::interrupted, AbortCause::none, "interrupted"};
    return over();
  }
  return success();
}

Result<void> Mover::go(Stage stage) {
  progress_.stage = stage;
  return report(true);
}

Result<void> Mover::prepare() {
  RESPRING_TRYV(patiently([&] { return stores_.check(move_); }));
  RESPRING_TRY(progress_.total_rows, patiently([&] { return stores_.size(move_); }));
  RESPRING_TRYV(go(Stage::import));
  step(Stage::import, "before");
  RESPRING_TRYV(patiently([&] { return stores_.import(move_); }));
  step(Stage::import, "after_commit");
  RESPRING_TRYV(go(Stage::journal));
  step(Stage::journal, "before");
  RESPRING_TRYV(patiently([&] { return stores_.journal(move_); }));
  step(Stage::journal, "after_commit");
  return success();
}

Result<void> Mover::copy() {
  RESPRING_TRYV(go(Stage::copy));
  step(Stage::copy, "before");
  for (Copied copied; !copied.finished;) {
    const auto begun = Steady::now();
    RESPRING_TRY(copied, patiently([&] { return stores_.copy(move_, options_.chunk_rows); }));
    step(Stage::copy, "after_commit");
    progress_.rows = copied.rows;
    progress_.total_rows = std::max(progress_.total_rows, copied.rows);
    RESPRING_TRYV(throttle(copied.bytes, begun));
    RESPRING_TRYV(heed());
    RESPRING_TRYV(await_calm());
  }
  return success();
}

// In rounds, as long as each is shorter than the last one leaves.
Result<void> Mover::drain_until_short() {
  RESPRING_TRYV(go(Stage::drain));
  step(Stage::drain, "before");
  for (int round = 0; round < options_.drain_rounds; ++round) {
    RESPRING_TRY(const Drained drained,
                 patiently([&] { return stores_.drain(move_, options_.drain_entries); }));
    progress_.journal = drained.entries;
    step(Stage::drain, "after_commit");
    RESPRING_TRYV(heed());
    if (progress_.journal <= options_.short_journal) return success();
  }
  return success();
}

// The whole copy, while writes go on: what differs is looked at again when they are stopped.
Result<void> Mover::compare() {
  RESPRING_TRYV(go(Stage::verify));
  for (bool finished = false; !finished;) {
    RESPRING_TRY(finished, patiently([&] { return stores_.compare(move_, options_.chunk_rows); }));
    RESPRING_TRYV(heed());
  }
  RESPRING_TRYV(drain_until_short());
  RESPRING_TRYV(patiently([&] { return stores_.differing(move_); }));
  return drain_until_short();
}

// Without queueing behind writers; when they never leave a gap, for a second with queueing.
Result<void> Mover::freeze() {
  RESPRING_TRYV(patiently([&] { return stores_.check(move_); }));
  RESPRING_TRYV(go(Stage::freeze));
  RESPRING_TRYV(patiently([&] { return stores_.prepare_switch(move_); }));
  step(Stage::freeze, "before");
  for (int attempt = 0; true; ++attempt) {
    frozen_at_ = Steady::now();
    const auto frozen = stores_.freeze(move_, attempt >= options_.freeze_tries);
    if (frozen) {  // by a mover before perhaps: its writers have waited since then
      frozen_at_ -= std::max(options_.now() - frozen.value(), Time::duration::zero());
      break;
    }
    if (frozen.error().code != ErrorCode::overloaded || attempt > options_.freeze_tries + 5)
      return std::move(frozen).error();
    options_.pause(std::chrono::milliseconds(1 + attempt % 7));
  }
  step(Stage::freeze, "after_commit");
  return success();
}

bool Mover::take_back(AbortCause cause, std::string why) {
  ended_ = Ended{Ending::aborted, cause, std::move(why)};
  return false;
}

// Until nothing is left to carry over and nothing can come.
Result<bool> Mover::drain_frozen(Steady::time_point until) {
  while (Steady::now() < until) {
    const auto drained = stores_.drain(move_, options_.drain_entries);
    if (drained && drained.value().complete) return true;
    if (drained) continue;
    if (!is_out_of_reach(drained.error().code)) return std::move(drained).error();
    options_.pause(5ms);
  }
  return take_back(AbortCause::pause, "writes would have waited too long");
}

Result<bool> Mover::published(Steady::time_point until) {
  while (Steady::now() < until) {
    RESPRING_TRY(const bool unpublished, stores_.unpublished(move_));
    if (!unpublished) return true;
    options_.pause(1ms);
  }
  return take_back(AbortCause::pause, "its events are not published: does a server run?");
}

// Whoever takes the target's place has all of the slot.
Result<bool> Mover::replicated(Steady::time_point until) {
  RESPRING_TRY(const std::string position, stores_.position(move_));
  while (Steady::now() < until) {
    RESPRING_TRY(const bool has_all, stores_.replicated(move_, position));
    if (has_all) return true;
    options_.pause(1ms);
  }
  return take_back(AbortCause::pause, "the replica of " + move_.target + " is behind");
}

// Writes wait. False when they would wait too long. While the last events are being published, both
// copies are compared.
Result<bool> Mover::verify() {
  progress_.stage = Stage::verify;
  step(Stage::verify, "before");
  const auto until = frozen_at_ + options_.max_pause;
  RESPRING_TRY(const bool drained, drain_frozen(until));
  if (!drained) return false;
  RESPRING_TRY(const std::int64_t different, stores_.differing(move_));
  if (different > 0) {
    return take_back(AbortCause::difference,
                     std::to_string(different) + " rows differ from the source");
  }
  RESPRING_TRY(const bool quiet, published(until));
  if (!quiet) return false;
  RESPRING_TRY(const bool safe, replicated(until));
  if (safe) step(Stage::verify, "after_commit");
  return safe;
}

Result<void> Mover::switch_over() {
  const auto paused = [this] {
    const auto time = Steady::now() - frozen_at_;
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  };
  progress_.stage = Stage::commit;
  step(Stage::commit, "before");
  move_.paused_us = paused();
  move_.rows = progress_.rows;
  RESPRING_TRYV(patiently([&] { return stores_.commit(move_); }));
  step(Stage::commit, "after_commit");
  move_.state = shardmap::MoveState::committed;
  progress_.stage = Stage::open;
  RESPRING_TRYV(patiently([&] { return stores_.open(move_); }));
  move_.paused_us = paused();
  RESPRING_TRYV(patiently([&] { return stores_.settle(move_); }));
  move_.settled = true;
  options_.on_progress(progress_);
  return success();
}

Result<void> Mover::abort(const Move& move, AbortCause cause, const std::string& why) {
  step(Stage::abort, "before");
  RESPRING_TRY(const bool aborted, patiently([&] { return stores_.abort(move, cause, why); }));
  step(Stage::abort, "after_commit");
  if (!aborted) {
    return Error{ErrorCode::conflict, "move " + move.id + " was decided already", {}, {}};
  }
  Move ended = move;
  ended.state = shardmap::MoveState::aborted;
  return patiently([&] { return stores_.settle(ended); });
}

// Somebody else decided about it. When it was taken back, its copy goes as well.
Result<Outcome> Mover::lost(const Error& error) {
  RESPRING_TRY(auto found, patiently([&] { return stores_.find(move_); }));
  if (found.gen != move_.gen || found.state != shardmap::MoveState::aborted) return error;
  RESPRING_TRYV(patiently([&] { return stores_.settle(found); }));
  const std::string why = found.note;
  return Outcome{Ending::aborted, std::move(found), why};
}

// The stages end by an error also when the move was ended on purpose.
Result<Outcome> Mover::ended(const Error& error) {
  if (!ended_) return error.code == ErrorCode::conflict ? lost(error) : error;
  if (ended_->ending == Ending::aborted) {
    RESPRING_TRYV(abort(move_, ended_->cause, ended_->why));
    move_.state = shardmap::MoveState::aborted;
    move_.cause = ended_->cause;
  }
  return Outcome{ended_->ending, move_, ended_->why};
}

Result<Outcome> Mover::run(Move move) {
  move_ = std::move(move);
  progress_ = {};
  progress_.rows = move_.rows;
  ended_.reset();
  const auto stages = [this]() -> Result<void> {
    RESPRING_TRYV(prepare());
    RESPRING_TRYV(copy());
    RESPRING_TRYV(drain_until_short());
    RESPRING_TRYV(compare());
    RESPRING_TRYV(await_publishing());
    RESPRING_TRYV(await_replica());
    RESPRING_TRYV(drain_until_short());
    // What is the same by now need not be compared while writes wait.
    RESPRING_TRYV(patiently([&] { return stores_.differing(move_); }));
    RESPRING_TRYV(drain_until_short());
    RESPRING_TRYV(freeze());
    const auto verified = verify();
    if (verified && verified.value()) return switch_over();
    if (!verified && verified.error().code == ErrorCode::conflict) return verified.error();
    if (!verified && !ended_) {
      // Nobody may wait for what did not work: back to where it was.
      take_back(AbortCause::failure, verified.error().detail);
    }
    return over();
  };
  const auto result = stages();
  if (!result) return ended(result.error());
  return Outcome{Ending::moved, move_, {}};
}

Result<void> Mover::clean(const Move& move) {
  step(Stage::clean, "before");
  for (bool finished = false; !finished;) {
    RESPRING_TRY(finished, patiently([&] { return stores_.clean(move, kCleanRows); }));
    step(Stage::clean, "after_commit");
    if (options_.stopping() && !finished) return over();
  }
  return success();
}

}  // namespace respring::move
