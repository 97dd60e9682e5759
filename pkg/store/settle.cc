#include "store/settle.h"

#include "base/failpoint.h"
#include "store/move_records.h"
#include "store/shard_moves.h"

namespace respring::store {
namespace {

constexpr int kRowsAtOnce = 500;

sql::Result<void> take_back(const Fleet& fleet, sql::Connection& meta, const shardmap::Move& move,
                            Time now, Settling how) {
  RESPRING_TRY(const auto source, fleet.shard(move.source));
  failpoint("move.restore.before");
  RESPRING_TRYV(restore_slot(*source, move));
  failpoint("move.restore.after_commit");
  if (how == Settling::at_once) return success();
  RESPRING_TRY(const auto target, fleet.shard(move.target));
  failpoint("move.wipe.before");
  while (true) {
    RESPRING_TRY(const bool finished, wipe_slot(*target, move, kRowsAtOnce));
    failpoint("move.wipe.after_commit");
    if (finished) break;
  }
  return mark_settled(meta, move.id, now);
}

}  // namespace

// The source first: the target opens only when the source has let go.
sql::Result<void> finish_move(sql::Connection& source, sql::Connection& target,
                              const shardmap::Move& move) {
  failpoint("move.leave.before");
  RESPRING_TRY(const bool let_go, leave_slot(source, move));
  failpoint("move.leave.after_commit");
  const std::string slot = "slot " + std::to_string(move.slot.value);
  if (!let_go) {
    return sql::Failure{sql::Errc::corrupt, move.source + " does not let go of " + slot +
                                                ": look at respring shard verify"};
  }
  failpoint("move.open.before");
  RESPRING_TRY(const bool open, open_slot(target, move));
  failpoint("move.open.after_commit");
  if (!open) {
    return sql::Failure{sql::Errc::corrupt,
                        move.target + " does not open " + slot + ": look at respring shard verify"};
  }
  return success();
}

sql::Result<void> settle_move(const Fleet& fleet, sql::Connection& meta, const shardmap::Move& move,
                              Time now, Settling how) {
  if (move.settled) return success();
  switch (move.state) {
    case shardmap::MoveState::committed: {
      RESPRING_TRY(const auto source, fleet.shard(move.source));
      RESPRING_TRY(const auto target, fleet.shard(move.target));
      RESPRING_TRYV(finish_move(*source, *target, move));
      return mark_settled(meta, move.id, now);
    }
    case shardmap::MoveState::aborted:
      return take_back(fleet, meta, move, now, how);
    default:
      return success();
  }
}

sql::Result<void> thaw_slot(const Fleet& fleet, shardmap::Slot slot, Time now) {
  RESPRING_TRY(const auto meta, fleet.meta());
  RESPRING_TRY(auto moves, list_moves(*meta, slot, true, 10));
  for (const auto& listed : moves) {
    if (listed.settled) continue;
    if (listed.state == shardmap::MoveState::run) {
      RESPRING_TRYV(abort_move(*meta, listed.id, now, shardmap::AbortCause::pause,
                               "writes were frozen for too long"));
    }
    RESPRING_TRY(const auto decided, load_move(*meta, listed.id));
    if (!decided) continue;
    RESPRING_TRYV(settle_move(fleet, *meta, *decided, now, Settling::at_once));
  }
  return success();
}

}  // namespace respring::store
