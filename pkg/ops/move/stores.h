#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "shardmap/move.h"

namespace respring::move {

using shardmap::AbortCause;
using shardmap::Move;

struct Copied {
  bool finished = false;
  std::int64_t rows = 0;   ///< of the whole copy so far
  std::int64_t bytes = 0;  ///< of this chunk
};

struct Drained {
  std::int64_t entries = 0;  ///< of the journal, carried over
  bool complete = false;     ///< and no more can come: the slot is frozen for this mover
};

/// What a move needs of the meta database and the two shards. Every call is one transaction, or one
/// on each side, and may be repeated. Errors: `conflict` when the move is no longer this mover's,
/// `overloaded` and `upstream_unavailable` when another try makes sense. Calls block.
class Stores {
 public:
  virtual ~Stores() = default;

  /// Why this slot cannot go there now: another schema. Nothing: it can.
  virtual Result<void> check(const Move& move) = 0;
  virtual Result<std::int64_t> size(const Move& move) = 0;  ///< rows at the source
  /// What source and target work on at this moment, the greater number.
  virtual Result<std::int64_t> threads_running(const Move& move) = 0;

  /// For how long the target's replica has lacked what the target had; 0 without a replica.
  virtual Result<std::int64_t> replica_lag_ms(const Move& move) = 0;
  /// What the target has by now, for replicated(); empty without a replica.
  virtual Result<std::string> position(const Move& move) = 0;
  /// Whether the target's replica has it, too.
  virtual Result<bool> replicated(const Move& move, const std::string& position) = 0;

  virtual Result<void> import(const Move& move) = 0;
  virtual Result<void> journal(const Move& move) = 0;
  virtual Result<Copied> copy(const Move& move, int rows) = 0;
  virtual Result<Drained> drain(const Move& move, int entries) = 0;
  /// Makes ready whatever comes from the freeze on, so that writes wait for less.
  virtual Result<void> prepare_switch(const Move& move) = 0;
  /// Since when it is frozen: an earlier mover may have begun that.
  virtual Result<Time> freeze(const Move& move, bool patient) = 0;
  /// Goes on comparing the whole copy; true at its end.
  virtual Result<bool> compare(const Move& move, int rows) = 0;
  /// Of what was found different or was written since: how many rows still are. As drain(), it
  /// answers `conflict` when the source no longer follows the move: then nothing can be compared.
  virtual Result<std::int64_t> differing(const Move& move) = 0;
  /// Rows of the source's outbox that wait to be published, of all its slots.
  virtual Result<std::int64_t> backlog(const Move& move) = 0;
  /// Events of the slot wait to be published at the source.
  virtual Result<bool> unpublished(const Move& move) = 0;

  /// Stage, figures and lease are written; the move comes back as it is wanted.
  virtual Result<Move> report(const Move& move) = 0;
  /// As it is written now, whoever leads it.
  virtual Result<Move> find(const Move& move) = 0;
  virtual Result<void> commit(const Move& move) = 0;
  /// Of a committed move: the source lets go, the target opens. Writes go on after it.
  virtual Result<void> open(const Move& move) = 0;
  /// False when it was decided otherwise.
  virtual Result<bool> abort(const Move& move, AbortCause cause, const std::string& why) = 0;
  /// Carries out on both shards what was decided, and notes that and the pause of its writes.
  virtual Result<void> settle(const Move& move) = 0;
  /// Deletes some of the old rows; true when nothing is left.
  virtual Result<bool> clean(const Move& move, int rows) = 0;
};

}  // namespace respring::move
