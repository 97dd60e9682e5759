#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace respring::move::model {

/// What is broken on purpose in the protocol, to see that the check finds it.
enum class Mutation : std::uint8_t {
  none,
  target_ignores_generation,   ///< a mover that was replaced still writes the copy
  target_opens_first,          ///< before the source is GONE
  no_drain_after_freeze,       ///< what was written during the copy stays behind
  fence_outside_transaction,   ///< a writer looks at the fence, and writes later
  thaw_without_meta,           ///< the source is unfrozen by a time-out, not by an abort in meta
  writers_do_not_journal,      ///< on a MOVING slot
  trim_takes_everything,       ///< the journal's newer entries go with those that were drained
  commit_ignores_generation,   ///< a replaced mover commits
  progress_outlives_its_move,  ///< the copy of an aborted move is taken for this one's
  drain_before_copy_ends,      ///< a chunk that was read earlier overwrites what was drained
  last_drain_before_freeze,    ///< a journal read while MOVING is taken for the whole one
  empty_journal_is_believed,   ///< without asking whether the slot is still FROZEN for this mover
  leave_keeps_epoch,           ///< isolation: the source goes on for the others as if nothing was
  readers_ignore_epoch,        ///< isolation: an old map still finds the room at its source
  clean_takes_the_slot,        ///< isolation: with the room's old rows go those of the others
};

/// What goes to the target: a slot, or one room of it into a slot of its own, whose rooms' others
/// stay where they are and go on with the next epoch.
enum class Moved : std::uint8_t { slot, room };

struct Outcome {
  std::string violation;           ///< empty: every reachable state keeps the invariants
  std::vector<std::string> trace;  ///< the transitions that lead to it
  std::int64_t states = 0;
  std::int64_t transitions = 0;
  std::int64_t completed = 0;  ///< states in which the target accepts writes
  std::int64_t stuck = 0;      ///< states from which no shard ever accepts writes again
};

/// Walks every interleaving of two movers (one may be replaced and wake up later) and two writers
/// with old or new maps, over one slot of two shards, up to three writes; of a room that is
/// isolated each to it or to another room of its slot.
Outcome explore(Mutation mutation, Moved moved = Moved::slot);

}  // namespace respring::move::model
