#include "respring/shard/move_stores.h"

#include <algorithm>

#include "store/inspect.h"
#include "store/map_store.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

Error not_ours(const move::Move& move) {
  return {
      ErrorCode::conflict, "move " + move.id + " was ended or taken over by another mover", {}, {}};
}

}  // namespace

Error as_error(const std::string& database, const sql::Failure& failure) {
  const std::string detail = database + ": " + failure.detail;
  switch (failure.code) {
    case sql::Errc::unavailable:
      return unavailable(detail);
    case sql::Errc::busy:
    case sql::Errc::commit_unknown:  // every step may be repeated
      return overloaded(detail);
    default:
      return internal(detail);
  }
}

Result<sql::Connection*> MoveStores::shard(const std::string& name) {
  auto& connection = connections_[name];
  if (!connection || !connection->usable()) {
    connection.reset();
    auto opened = name.empty() ? fleet_.meta() : fleet_.shard(name);
    if (!opened) return as_error(name.empty() ? "meta" : name, opened.error());
    connection = std::move(opened).value();
  }
  return connection.get();
}

Result<sql::Connection*> MoveStores::meta() { return shard(""); }

Result<void> MoveStores::mine(const std::string& database, const sql::Result<bool>& result,
                              const move::Move& move) {
  if (!result) return as_error(database, result.error());
  if (!result.value()) return not_ours(move);
  return success();
}

Result<void> MoveStores::check(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  const auto ours = store::schema_fingerprint(*source);
  if (!ours) return as_error(move.source, ours.error());
  const auto theirs = store::schema_fingerprint(*target);
  if (!theirs) return as_error(move.target, theirs.error());
  if (ours.value() == theirs.value()) return success();
  return Error{ErrorCode::conflict,
               move.source + " and " + move.target + " have different schemas: respring migrate up",
               {},
               {}};
}

Result<std::int64_t> MoveStores::size(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  std::int64_t rows = 0;
  for (const auto table : store::kSlotTables) {
    const auto count = store::count_of(*source, store::source_part(move), table);
    if (!count) return as_error(move.source, count.error());
    rows += count.value();
  }
  return rows;
}

Result<void> MoveStores::import(const move::Move& move) {
  RESPRING_TRY(auto* target, shard(move.target));
  return mine(move.target, store::import_slot(*target, move), move);
}

Result<void> MoveStores::journal(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  return mine(move.source, store::journal_slot(*source, move), move);
}

Result<move::Copied> MoveStores::copy(const move::Move& move, int rows) {
  RESPRING_TRY(auto* target, shard(move.target));
  const auto progress = store::copy_progress(*target, move);
  if (!progress) return as_error(move.target, progress.error());
  const auto& before = progress.value();
  if (before.at.finished()) return move::Copied{true, before.rows, 0};
  const auto chunk = rows_.at(move, before.at, rows);
  if (!chunk) return as_error(move.source, chunk.error());
  const auto step = store::write_chunk(*target, move, before, *chunk.value());
  if (!step) return as_error(move.target, step.error());
  if (!step.value().mine) return not_ours(move);
  const auto& after = step.value().progress;
  return move::Copied{after.at.finished(), after.rows, store::size_of(chunk.value()->rows)};
}

Result<move::Drained> MoveStores::drain(const move::Move& move, int entries) {
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  const auto step = store::drain_journal(*source, *target, move, entries);
  if (!step) return as_error(move.source + " or " + move.target, step.error());
  if (!step.value().mine) return not_ours(move);
  suspects_.insert(step.value().touched.begin(), step.value().touched.end());
  return move::Drained{step.value().entries, step.value().complete};
}

Result<void> MoveStores::prepare_switch(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  RESPRING_TRY(auto* connection, meta());
  const auto shards = store::prepare_switch(*source, *target, move);
  if (!shards) return as_error(move.source + " or " + move.target, shards.error());
  const auto decision = store::prepare_commit(*connection);
  if (!decision) return as_error("meta", decision.error());
  return success();
}

Result<Time> MoveStores::freeze(const move::Move& move, bool patient) {
  RESPRING_TRY(auto* source, shard(move.source));
  const auto since = store::freeze_slot(*source, move, clock_.now(), patient);
  if (!since) return as_error(move.source, since.error());
  if (!since.value()) return not_ours(move);
  return *since.value();
}

Result<bool> MoveStores::compare(const move::Move& move, int rows) {
  if (comparison_.at == store::CopyPlace{}) suspects_.clear();
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  const auto compared = store::compare_chunk(*source, *target, move, comparison_, rows);
  if (!compared) return as_error(move.source + " or " + move.target, compared.error());
  suspects_.insert(comparison_.different.begin(), comparison_.different.end());
  comparison_.different.clear();
  return comparison_.at.finished();
}

Result<std::int64_t> MoveStores::differing(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  const std::vector<store::Touched> all(suspects_.begin(), suspects_.end());
  const auto left = store::compare_touched(*source, *target, move, all);
  if (!left) return as_error(move.source + " or " + move.target, left.error());
  // Asked afterwards: until here the journal knew of every write, so what differs is our mistake.
  RESPRING_TRYV(mine(move.source, store::follows(*source, move), move));
  suspects_ = {left.value().begin(), left.value().end()};
  return static_cast<std::int64_t>(suspects_.size());
}

Result<std::int64_t> MoveStores::backlog(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  const auto waiting = store::outbox_state(*source);
  if (!waiting) return as_error(move.source, waiting.error());
  return waiting.value().rows;
}

Result<bool> MoveStores::unpublished(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  const auto waiting = store::has_unpublished(*source, move);
  if (!waiting) return as_error(move.source, waiting.error());
  return waiting.value();
}

Result<move::Move> MoveStores::report(const move::Move& move) {
  RESPRING_TRY(auto* connection, meta());
  auto reported = store::report_move(*connection, move);
  if (reported) return std::move(reported).value();
  const auto* failure = reported.error().failure();
  return failure != nullptr ? as_error("meta", *failure) : reported.error().error();
}

Result<move::Move> MoveStores::find(const move::Move& move) {
  RESPRING_TRY(auto* connection, meta());
  auto found = store::load_move(*connection, move.id);
  if (!found) return as_error("meta", found.error());
  if (!found.value()) return not_ours(move);
  return *std::move(found).value();
}

Result<void> MoveStores::commit(const move::Move& move) {
  RESPRING_TRY(auto* connection, meta());
  const Time now = clock_.now();
  const auto committed = store::commit_move(*connection, move, now, now + clean_delay_);
  if (!committed) return as_error("meta", committed.error());
  if (committed.value()) {
    news_.tell();
    return success();
  }
  // Perhaps by an earlier try whose answer was lost.
  RESPRING_TRY(const auto found, find(move));
  const bool was_ours = found.gen == move.gen && found.state == shardmap::MoveState::committed;
  if (was_ours) return success();
  return not_ours(move);
}

Result<void> MoveStores::open(const move::Move& move) {
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  const auto finished = store::finish_move(*source, *target, move);
  if (!finished) return as_error("move " + move.id, finished.error());
  return success();
}

Result<bool> MoveStores::abort(const move::Move& move, move::AbortCause cause,
                               const std::string& why) {
  RESPRING_TRY(auto* connection, meta());
  const auto aborted = store::abort_move(*connection, move.id, clock_.now(), cause, why);
  if (!aborted) return as_error("meta", aborted.error());
  if (aborted.value()) return true;
  RESPRING_TRY(const auto found, find(move));
  return found.state == shardmap::MoveState::aborted;
}

Result<void> MoveStores::settle(const move::Move& move) {
  RESPRING_TRY(auto* connection, meta());
  RESPRING_TRY(const auto found, find(move));  // with its generation of now
  if (found.state == shardmap::MoveState::committed && !found.settled) {
    RESPRING_TRYV(open(found));
    const bool longer = move.gen == found.gen && move.paused_us > found.paused_us;
    const auto noted = longer ? store::note_pause(*connection, move) : sql::Result<void>(success());
    if (!noted) return as_error("meta", noted.error());
    const auto marked = store::mark_settled(*connection, found.id, clock_.now());
    if (!marked) return as_error("meta", marked.error());
    return success();
  }
  const auto settled =
      store::settle_move(fleet_, *connection, found, clock_.now(), store::Settling::fully);
  if (!settled) return as_error("move " + move.id, settled.error());
  return success();
}

Result<bool> MoveStores::clean(const move::Move& move, int rows) {
  RESPRING_TRY(auto* source, shard(move.source));
  const auto cleaned = store::clean_slot(*source, move, rows);
  if (!cleaned) return as_error(move.source, cleaned.error());
  if (!cleaned.value()) return false;
  RESPRING_TRY(auto* connection, meta());
  const auto done = store::mark_done(*connection, move.id, clock_.now());
  if (!done) return as_error("meta", done.error());
  return true;
}

}  // namespace respring::cmd
