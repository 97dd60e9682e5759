// The rows of a slot on their way: in chunks, then what the journal names, then the comparison.
#include <algorithm>
#include <map>
#include <set>

#include "store/many_rows.h"
#include "store/outbox_relay.h"
#include "store/shard_moves.h"
#include "store/slots.h"

namespace respring::store {
namespace {

using shardmap::Move;
using shardmap::SlotState;

sql::Result<void> store_progress(sql::Connection& target, const Move& move,
                                 const CopyProgress& progress) {
  const auto text =
      "INSERT INTO slot_import (keyspace, slot, move_id, table_no, last_room, last_key, row_count) "
      "VALUES (?,?,?,?,?,?,?)" +
      target.dialect().on_conflict_update(
          {"keyspace", "slot"}, {"move_id", "table_no", "last_room", "last_key", "row_count"});
  const auto& at = progress.at;
  RESPRING_TRYV(target.run(text, kRoomKeyspace, move.target_slot().value, move.id, at.table,
                           at.after.room, at.after.key, progress.rows));
  return success();
}

// To be asked inside the transaction that writes the copy: a mover that was replaced is refused.
sql::Result<bool> may_import(sql::Connection& target, const Move& move) {
  RESPRING_TRY(const auto row,
               load_owner(target, move.target_slot(), target.dialect().for_share()));
  return row && row->state == SlotState::importing && row->move_id == move.id &&
         row->gen == move.gen;
}

Touched touched_of(SlotTable table, const RowKey& key) {
  if (info_of(table).key.empty()) return {table, key.room, {}};
  return {table, key.room, key.key};
}

struct Journal {
  bool mine = true;
  bool complete = false;  // nothing can come any more
  std::vector<std::int64_t> ids;
  std::vector<Touched> touched;
  std::vector<std::vector<SlotRowCopy>> rows;  // by touched
};

// The journal and the rows as they are at one moment, at which the source follows this mover: an
// empty journal of a slot that was given back to its writers says nothing.
sql::Result<Journal> read_journal(sql::Connection& source, const Move& move, int entries) {
  RESPRING_TRY(const auto view, sql::Transaction::begin(source, sql::Begin::read));
  Journal journal;
  RESPRING_TRY(const auto row, load_owner(source, move.slot));
  const bool frozen = row && row->state == SlotState::frozen;
  const bool held = frozen || (row && row->state == SlotState::moving);
  journal.mine = held && row->move_id == move.id && row->gen == move.gen;
  if (!journal.mine) return journal;
  std::set<Touched> touched;
  {
    RESPRING_TRY(auto rows, source.query("SELECT id, table_no, pk FROM slot_journal WHERE "
                                         "keyspace=? AND slot=? ORDER BY id LIMIT ?",
                                         kRoomKeyspace, move.slot.value, entries));
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      const auto entry = touched_from(rows.int64(1), rows.view(2));
      if (!entry) return sql::Failure{sql::Errc::corrupt, "a row of slot_journal is damaged"};
      journal.ids.push_back(rows.int64(0));
      const bool stays = move.isolates() && entry->room != move.room;
      if (!stays) touched.insert(*entry);
    }
  }
  journal.complete = frozen && static_cast<int>(journal.ids.size()) < entries;
  journal.touched.assign(touched.begin(), touched.end());
  RESPRING_TRY(journal.rows, read_all_touched(source, move.slot.value, journal.touched));
  return journal;
}

sql::Result<bool> write_touched(sql::Connection& target, const Move& move, const Journal& journal) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(target, sql::Begin::write));
  RESPRING_TRY(const bool mine, may_import(target, move));
  if (!mine) return false;
  std::map<SlotTable, std::vector<SlotRowCopy>> rows;
  for (std::size_t i = 0; i < journal.touched.size(); ++i) {
    const auto& entry = journal.touched[i];
    // One row that is still there is replaced: a statement less for nearly every entry, while
    // writes wait.
    const bool replaced = names_one_row(entry) && journal.rows[i].size() == 1;
    if (!replaced) {
      RESPRING_TRYV(delete_touched(target, move.target_slot().value, entry));
    }
    // A room as a whole and a row of it may both be named; each row goes in once.
    auto& all = rows[entry.table];
    all.insert(all.end(), journal.rows[i].begin(), journal.rows[i].end());
  }
  for (auto& [table, all] : rows) {
    std::vector<SlotRowCopy> once;
    for (auto& row : all) {
      if (std::ranges::find(once, row) == once.end()) once.push_back(std::move(row));
    }
    RESPRING_TRYV(replace_copies(target, move.target_slot().value, table, once));
  }
  RESPRING_TRYV(transaction.commit());
  return true;
}

// Exactly the entries that were read: what came since stays.
sql::Result<bool> trim_journal(sql::Connection& source, const Move& move,
                               const std::vector<std::int64_t>& ids) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(source, sql::Begin::write));
  RESPRING_TRY(const auto row, load_owner(source, move.slot, source.dialect().for_share()));
  if (!row || row->move_id != move.id || row->gen != move.gen) return false;
  const auto bind = [](sql::Statement& statement, int index, std::int64_t id) {
    return sql::bind_values(statement, index, id);
  };
  const auto no_rows = [](const sql::Rows&) {};
  RESPRING_TRYV(
      for_each_of(source, "DELETE FROM slot_journal WHERE ", "id=?", "", ids, bind, no_rows));
  RESPRING_TRYV(transaction.commit());
  return true;
}

}  // namespace

sql::Result<CopyProgress> copy_progress(sql::Connection& target, const Move& move) {
  RESPRING_TRY(auto rows, target.query("SELECT table_no, last_room, last_key, row_count FROM "
                                       "slot_import WHERE keyspace=? AND slot=? AND move_id=?",
                                       kRoomKeyspace, move.target_slot().value, move.id));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return CopyProgress{};
  const RowKey after{rows.id<RoomId>(1), rows.int64(2)};
  return CopyProgress{{static_cast<int>(rows.int64(0)), after}, rows.int64(3)};
}

sql::Result<CopyChunk> read_chunk(sql::Connection& source, const Move& move, const CopyPlace& from,
                                  int rows) {
  CopyChunk chunk{from, {from.table + 1, {}}, {}};
  const auto table = static_cast<SlotTable>(from.table);
  RESPRING_TRY(chunk.rows, read_rows(source, source_part(move), table, from.after, rows));
  const bool last = static_cast<int>(chunk.rows.size()) < rows;
  if (!last) chunk.next = {from.table, chunk.rows.back().key};
  return chunk;
}

sql::Result<CopyStep> write_chunk(sql::Connection& target, const Move& move,
                                  const CopyProgress& before, const CopyChunk& chunk) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(target, sql::Begin::write));
  RESPRING_TRY(const bool mine, may_import(target, move));
  if (!mine) return CopyStep{.mine = false};
  const auto slot = move.target_slot().value;
  const auto table = static_cast<SlotTable>(chunk.from.table);
  const bool last = chunk.next.table != chunk.from.table;
  const auto end = last ? std::nullopt : std::optional(chunk.next.after);
  RESPRING_TRYV(delete_range(target, slot, table, chunk.from.after, end));
  RESPRING_TRYV(insert_copies(target, slot, table, chunk.rows));
  const CopyProgress progress{chunk.next,
                              before.rows + static_cast<std::int64_t>(chunk.rows.size())};
  RESPRING_TRYV(store_progress(target, move, progress));
  RESPRING_TRYV(transaction.commit());
  return CopyStep{true, progress};
}

sql::Result<DrainStep> drain_journal(sql::Connection& source, sql::Connection& target,
                                     const Move& move, int entries) {
  RESPRING_TRY(auto journal, read_journal(source, move, entries));
  DrainStep step{journal.mine, static_cast<std::int64_t>(journal.ids.size()), journal.complete, {}};
  if (!journal.mine || journal.ids.empty()) return step;
  RESPRING_TRY(step.mine, write_touched(target, move, journal));
  if (step.mine && !journal.complete) {
    RESPRING_TRY(step.mine, trim_journal(source, move, journal.ids));
  }
  if (step.mine) step.touched = std::move(journal.touched);
  return step;
}

sql::Result<std::int64_t> count_journal(sql::Connection& source, shardmap::Slot slot, int most) {
  RESPRING_TRY(auto rows, source.query("SELECT COUNT(*) FROM (SELECT 1 FROM slot_journal WHERE "
                                       "keyspace=? AND slot=? LIMIT ?) j",
                                       kRoomKeyspace, slot.value, most));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

namespace {

// Of all that hash to a slot, one may have a slot of its own; where that is, only its row tells.
sql::Result<bool> lies_in(sql::Connection& source, RoomId room, shardmap::Slot slot) {
  const bool may = slot.value >= shardmap::kHashedSlots || shardmap::hashed_slot_of(room) == slot;
  if (!may) return false;
  RESPRING_TRY(auto rows,
               source.query("SELECT 1 FROM room WHERE slot=? AND room_id=?", slot.value, room));
  return rows.next();
}

sql::Result<std::set<RoomId>> unpublished_rooms(sql::Connection& source) {
  RESPRING_TRY(auto rows, source.query("SELECT events FROM outbox ORDER BY id"));
  std::set<RoomId> rooms;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return rooms;
    const auto records = records_of(rows.view(0));
    if (!records) return sql::Failure{sql::Errc::corrupt, records.assume_error().detail};
    for (const auto& record : records.assume_value()) {
      if (const auto room = RoomId::parse(record.key)) rooms.insert(*room);
    }
  }
}

}  // namespace

sql::Result<bool> has_unpublished(sql::Connection& source, const Move& move) {
  RESPRING_TRY(const auto rooms, unpublished_rooms(source));
  if (move.isolates()) return rooms.contains(move.room);
  for (const RoomId room : rooms) {
    RESPRING_TRY(const bool here, lies_in(source, room, move.slot));
    if (here) return true;
  }
  return false;
}

sql::Result<void> compare_chunk(sql::Connection& source, sql::Connection& target, const Move& move,
                                Comparison& comparison, int rows) {
  if (comparison.at.finished()) return success();
  const auto table = static_cast<SlotTable>(comparison.at.table);
  RESPRING_TRY(const auto ours, read_chunk(source, move, comparison.at, rows));
  const bool last = ours.next.table != ours.from.table;
  constexpr RowKey kEnd{RoomId{INT64_MAX}, INT64_MAX};
  const auto end = last ? kEnd : ours.next.after;
  RESPRING_TRY(const auto theirs,
               read_range(target, move.target_slot().value, table, ours.from.after, end));
  std::map<RowKey, std::pair<std::vector<const SlotRowCopy*>, std::vector<const SlotRowCopy*>>> by;
  for (const auto& row : ours.rows) by[row.key].first.push_back(&row);
  for (const auto& row : theirs) by[row.key].second.push_back(&row);
  const auto same = [](const SlotRowCopy* a, const SlotRowCopy* b) { return *a == *b; };
  for (const auto& [key, pair] : by) {
    if (!std::ranges::equal(pair.first, pair.second, same))
      comparison.different.push_back(touched_of(table, key));
  }
  comparison.rows += static_cast<std::int64_t>(ours.rows.size());
  comparison.at = ours.next;
  return success();
}

sql::Result<std::vector<Touched>> compare_touched(sql::Connection& source, sql::Connection& target,
                                                  const Move& move,
                                                  const std::vector<Touched>& touched) {
  RESPRING_TRY(const auto ours, read_all_touched(source, move.slot.value, touched));
  RESPRING_TRY(const auto theirs, read_all_touched(target, move.target_slot().value, touched));
  std::vector<Touched> different;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    if (ours[i] != theirs[i]) different.push_back(touched[i]);
  }
  return different;
}

}  // namespace respring::store
