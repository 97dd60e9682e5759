#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shardmap/move.h"
#include "shardmap/slot_state.h"
#include "sql/connection.h"
#include "store/slot_tables.h"

/// What a move does on its two shards, each in one transaction that looks at the slot's row first.
/// False from those that answer bool: the row is not as this step needs it, because another mover
/// has taken over or the move was ended; nothing was changed. All may be repeated. When a room is
/// isolated, the source's row is that of the slot the room shares: its other rooms go on there.
namespace respring::store {

struct OwnerRow {
  shardmap::SlotState state = shardmap::SlotState::none;
  shardmap::Epoch epoch = 0;
  std::string move_id;
  std::int64_t gen = 0;
  std::string moved_to;
  std::optional<Time> frozen_at;
};
/// Nothing when the shard has no row for the slot.
sql::Result<std::optional<OwnerRow>> load_owner(sql::Connection& db, shardmap::Slot slot,
                                                std::string_view lock = {});

sql::Result<bool> import_slot(sql::Connection& target, const shardmap::Move& move);
sql::Result<bool> journal_slot(sql::Connection& source, const shardmap::Move& move);

/// Behind which row of which table a copy goes on.
struct CopyPlace {
  int table = 1;
  RowKey after;
  bool operator==(const CopyPlace&) const = default;
  bool finished() const { return table > static_cast<int>(kSlotTables.size()); }
};
struct CopyProgress {
  CopyPlace at;
  std::int64_t rows = 0;  ///< so far
};
/// How far the move's copy is, as the target knows it.
sql::Result<CopyProgress> copy_progress(sql::Connection& target, const shardmap::Move& move);

struct CopyChunk {
  CopyPlace from, next;
  std::vector<SlotRowCopy> rows;
};
/// The next rows as they are now, at least `rows` if there are as many in the table. Whatever
/// changes before they are written must stand in the journal and be carried over after them.
sql::Result<CopyChunk> read_chunk(sql::Connection& source, const shardmap::Move& move,
                                  const CopyPlace& from, int rows);
struct CopyStep {
  bool mine = true;  ///< false: see above
  CopyProgress progress{};
};
/// A chunk read where the copy was at, and how far it came in the same transaction.
sql::Result<CopyStep> write_chunk(sql::Connection& target, const shardmap::Move& move,
                                  const CopyProgress& before, const CopyChunk& chunk);

struct DrainStep {
  bool mine = true;
  std::int64_t entries = 0;  ///< of the journal, now carried over
  /// The slot was frozen for this mover when the journal was read to its end: nothing can come any
  /// more. The entries stay then, which costs the writers who wait nothing.
  bool complete = false;
  std::vector<Touched> touched;
};
sql::Result<DrainStep> drain_journal(sql::Connection& source, sql::Connection& target,
                                     const shardmap::Move& move, int entries);
/// At most `most` are counted.
sql::Result<std::int64_t> count_journal(sql::Connection& source, shardmap::Slot slot, int most);

/// Since when it is frozen, which an earlier mover of this move may have done; nothing: see above.
/// `busy` when writers hold the row: at once if `patient` is false, else after a second.
sql::Result<std::optional<Time>> freeze_slot(sql::Connection& source, const shardmap::Move& move,
                                             Time now, bool patient);
/// Makes ready what writes will wait for between the freeze and the end of the move.
sql::Result<void> prepare_switch(sql::Connection& source, sql::Connection& target,
                                 const shardmap::Move& move);
/// Whether the source still follows this mover: every write is in the journal, or waits. False when
/// the move was taken back, even if nobody else has taken the slot since.
sql::Result<bool> follows(sql::Connection& source, const shardmap::Move& move);
/// Whether events of what moves still wait in the outbox.
sql::Result<bool> has_unpublished(sql::Connection& source, const shardmap::Move& move);
/// What is moved, as it lies at the source.
SlotPart source_part(const shardmap::Move& move);

struct Comparison {
  CopyPlace at;
  std::vector<Touched> different;
  std::int64_t rows = 0;
};
/// Goes on comparing both copies for some rows. While the slot is written differences are normal.
sql::Result<void> compare_chunk(sql::Connection& source, sql::Connection& target,
                                const shardmap::Move& move, Comparison& comparison, int rows);
/// Those that differ.
sql::Result<std::vector<Touched>> compare_touched(sql::Connection& source, sql::Connection& target,
                                                  const shardmap::Move& move,
                                                  const std::vector<Touched>& touched);

/// False when the source does not let go of the slot, or of the room: then its slot is ACTIVE
/// again, with the next epoch, so that whoever looks for the room there by an old map is refused.
sql::Result<bool> leave_slot(sql::Connection& source, const shardmap::Move& move);
sql::Result<bool> open_slot(sql::Connection& target, const shardmap::Move& move);
/// Deletes some rows; true when it is finished and the slot's row is NONE, or is not this move's.
sql::Result<bool> clean_slot(sql::Connection& source, const shardmap::Move& move, int rows);

/// Of an aborted move: writes go on at the source, and its movers are refused from now on.
sql::Result<void> restore_slot(sql::Connection& source, const shardmap::Move& move);
/// Deletes some of the copy; true when nothing is left.
sql::Result<bool> wipe_slot(sql::Connection& target, const shardmap::Move& move, int rows);

/// A hash of the migrations the database has: two shards that exchange slots must have the same.
sql::Result<std::string> schema_fingerprint(sql::Connection& db);

}  // namespace respring::store
