#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shardmap/move.h"
#include "sql/connection.h"
#include "store/step.h"

/// Moves as the meta database knows them: who may work on one, what was decided. Every change is a
/// compare-and-set in one transaction; `conflict` with a sentence for the operator refuses.
namespace respring::store {

struct NewMove {
  std::string id;
  shardmap::Slot slot;
  std::string target;
  Time now{};
  std::chrono::milliseconds lease{};
  shardmap::Pace pace;
  std::optional<RoomId> room{};  ///< of the slot, to be isolated: it alone moves
};

/// RUN with a generation above all earlier ones of the slot. Refused when the target is unknown, is
/// the owner or takes no slots, when a move of the slot is not settled, and while a migration runs.
/// A room that is isolated gets the next free slot; its target may be the owner.
Step<shardmap::Move> begin_move(sql::Connection& meta, const NewMove& wanted);
/// A running move gets a new generation, so that whoever had it is refused from now on. `conflict`
/// while its lease holds, unless `by_force`.
Step<shardmap::Move> take_over_move(sql::Connection& meta, const std::string& id, Time now,
                                    std::chrono::milliseconds lease, bool by_force);
/// Stage, rows, pause and note of `move` are written, its lease becomes `lease_until`; what is
/// wanted of it comes back. `conflict` when it is no longer this mover's.
Step<shardmap::Move> report_move(sql::Connection& meta, const shardmap::Move& move);
/// Makes ready what commit_move() does, because writes wait for it.
sql::Result<void> prepare_commit(sql::Connection& meta);
/// RUN → COMMITTED: the map names the target, with the next epoch and version. False when the move
/// is no longer this mover's. `clean_at` is when the old rows may go.
sql::Result<bool> commit_move(sql::Connection& meta, const shardmap::Move& move, Time now,
                              Time clean_at);
/// RUN → ABORTED, whoever works on it. False when it was decided otherwise.
sql::Result<bool> abort_move(sql::Connection& meta, const std::string& id, Time now,
                             shardmap::AbortCause cause, const std::string& why);
/// What meta decided has been carried out.
sql::Result<void> mark_settled(sql::Connection& meta, const std::string& id, Time now);
/// How long writes have waited for a committed move in the end.
sql::Result<void> note_pause(sql::Connection& meta, const shardmap::Move& move);
/// COMMITTED → DONE.
sql::Result<void> mark_done(sql::Connection& meta, const std::string& id, Time now);
/// False when it does not run any more.
sql::Result<bool> wish_move(sql::Connection& meta, const std::string& id, shardmap::MoveWish wish);
sql::Result<bool> pace_move(sql::Connection& meta, const std::string& id,
                            const shardmap::Pace& pace);

sql::Result<std::optional<shardmap::Move>> load_move(sql::Connection& meta, const std::string& id);
/// Those whose id begins so, newest first.
sql::Result<std::vector<shardmap::Move>> find_moves(sql::Connection& meta,
                                                    const std::string& prefix);
/// Newest first: of one slot (or into it), or all; `open_only` leaves out what needs nothing more.
sql::Result<std::vector<shardmap::Move>> list_moves(sql::Connection& meta,
                                                    std::optional<shardmap::Slot> slot,
                                                    bool open_only, int limit);

/// The right to migrate every shard, which keeps moves from beginning until `until`. `conflict`
/// while a move runs. Nobody else may ask meanwhile: whoever had it before is gone.
Step<void> take_migrate_lease(sql::Connection& meta, const std::string& holder, Time until);
sql::Result<void> renew_migrate_lease(sql::Connection& meta, const std::string& holder, Time until);
sql::Result<void> release_migrate_lease(sql::Connection& meta, const std::string& holder);

}  // namespace respring::store
