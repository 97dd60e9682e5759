#include "store/shard_moves.h"

#include "store/slots.h"

namespace respring::store {
namespace {

using shardmap::Move;
using shardmap::SlotState;

constexpr std::string_view kForgetProgress = "DELETE FROM slot_import WHERE keyspace=? AND slot=?";

// Slots of isolated rooms have no rows from the start.
sql::Result<void> make_row(sql::Connection& db, shardmap::Slot slot) {
  if (slot.value < shardmap::kHashedSlots) return success();
  RESPRING_TRYV(
      db.run("INSERT INTO slot_owner (keyspace, slot, state, epoch, gen) VALUES "
             "(?,?,'NONE',0,0)" +
                 db.dialect().on_conflict_keep({"keyspace", "slot"}),
             kRoomKeyspace, slot.value));
  return success();
}

sql::Result<void> put(sql::Connection& db, shardmap::Slot slot, const OwnerRow& row) {
  const auto text = [](const std::string& s) {
    return s.empty() ? std::optional<std::string_view>() : std::optional<std::string_view>(s);
  };
  RESPRING_TRYV(
      db.run("UPDATE slot_owner SET state=?, epoch=?, move_id=?, gen=?, moved_to=?, "
             "frozen_at=? WHERE keyspace=? AND slot=?",
             shardmap::name_of(row.state), row.epoch, text(row.move_id), row.gen,
             text(row.moved_to), row.frozen_at, kRoomKeyspace, slot.value));
  return success();
}

sql::Result<void> clear_progress(sql::Connection& db, shardmap::Slot slot) {
  RESPRING_TRYV(db.run(kForgetProgress, kRoomKeyspace, slot.value));
  return success();
}

sql::Result<void> clear_journal(sql::Connection& db, shardmap::Slot slot) {
  RESPRING_TRYV(
      db.run("DELETE FROM slot_journal WHERE keyspace=? AND slot=?", kRoomKeyspace, slot.value));
  return success();
}

// Changes the slot's row in a transaction of its own. `change(row)` answers whether it may.
template <class Change>
sql::Result<bool> change_row(sql::Connection& db, shardmap::Slot slot, std::string_view lock,
                             Change change) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(db, sql::Begin::write));
  RESPRING_TRY(auto row, load_owner(db, slot, lock));
  if (!row) return false;
  RESPRING_TRY(const bool may, change(*row));
  if (!may) return false;
  RESPRING_TRYV(put(db, slot, *row));
  RESPRING_TRYV(transaction.commit());
  return true;
}

}  // namespace

SlotPart source_part(const Move& move) {
  return {move.slot.value, move.isolates() ? std::optional(move.room) : std::nullopt};
}

sql::Result<std::optional<OwnerRow>> load_owner(sql::Connection& db, shardmap::Slot slot,
                                                std::string_view lock) {
  RESPRING_TRY(auto rows, db.query("SELECT state, epoch, move_id, gen, moved_to, frozen_at FROM "
                                   "slot_owner WHERE keyspace=? AND slot=?" +
                                       std::string(lock),
                                   kRoomKeyspace, slot.value));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return std::optional<OwnerRow>();
  OwnerRow row;
  row.state = shardmap::slot_state_named(rows.view(0));
  row.epoch = rows.int64(1);
  row.move_id = rows.maybe_text(2).value_or("");
  row.gen = rows.int64(3);
  row.moved_to = rows.maybe_text(4).value_or("");
  row.frozen_at = rows.maybe_time(5);
  return std::optional(std::move(row));
}

// What another move has left there is no progress of this one.
sql::Result<bool> import_slot(sql::Connection& target, const Move& move) {
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    const bool mine = row.move_id == move.id && row.gen == move.gen;
    if (mine && row.state == SlotState::importing) return true;
    const bool free = row.state == SlotState::none || row.state == SlotState::importing ||
                      row.state == SlotState::gone;
    if (!free || row.gen >= move.gen) return false;
    if (row.move_id != move.id) {
      RESPRING_TRYV(clear_progress(target, move.target_slot()));
      // What a move from here left over, whose rows are still there.
      RESPRING_TRYV(clear_journal(target, move.target_slot()));
    }
    row = {SlotState::importing, row.epoch, move.id, move.gen, "", {}};
    return true;
  };
  RESPRING_TRYV(make_row(target, move.target_slot()));
  return change_row(target, move.target_slot(), target.dialect().for_update(), change);
}

sql::Result<bool> journal_slot(sql::Connection& source, const Move& move) {
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    const bool held = row.state == SlotState::moving || row.state == SlotState::frozen;
    if (row.move_id == move.id && row.gen == move.gen && held) return true;
    if (row.gen >= move.gen || row.epoch != move.epoch) return false;
    if (!held && row.state != SlotState::active) return false;
    if (row.state == SlotState::active) row.state = SlotState::moving;
    row.move_id = move.id;
    row.gen = move.gen;
    return true;
  };
  return change_row(source, move.slot, source.dialect().for_update(), change);
}

sql::Result<std::optional<Time>> freeze_slot(sql::Connection& source, const Move& move, Time now,
                                             bool patient) {
  std::optional<Time> since;
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    if (row.move_id != move.id || row.gen != move.gen) return false;
    if (row.state != SlotState::moving && row.state != SlotState::frozen) return false;
    if (row.state == SlotState::moving) row.frozen_at = now;
    row.state = SlotState::frozen;
    since = row.frozen_at;
    return true;
  };
  const auto& dialect = source.dialect();
  if (patient && dialect.writers() > 1) {
    RESPRING_TRYV(source.execute("SET SESSION innodb_lock_wait_timeout=1"));
  }
  const auto lock = patient ? dialect.for_update() : dialect.for_update_nowait();
  RESPRING_TRY(const bool frozen, change_row(source, move.slot, lock, change));
  return frozen ? since : std::nullopt;
}

sql::Result<void> prepare_switch(sql::Connection& source, sql::Connection& target,
                                 const Move& move) {
  RESPRING_TRYV(load_owner(source, move.slot, source.dialect().for_update_nowait()));
  RESPRING_TRY(auto* statement, target.prepare(kForgetProgress));
  statement->reset();  // or it would be in use
  RESPRING_TRYV(has_unpublished(source, move));
  return success();
}

sql::Result<bool> follows(sql::Connection& source, const Move& move) {
  RESPRING_TRY(const auto row, load_owner(source, move.slot));
  const bool held = row && (row->state == SlotState::moving || row->state == SlotState::frozen);
  return held && row->move_id == move.id && row->gen == move.gen;
}

sql::Result<bool> leave_slot(sql::Connection& source, const Move& move) {
  bool let_go = false;
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    // NONE: cleaned.
    let_go = move.isolates() ? row.epoch > move.epoch
                             : row.state == SlotState::gone || row.state == SlotState::none;
    if (let_go || row.move_id != move.id || row.state != SlotState::frozen) return false;
    row.state = move.isolates() ? SlotState::active : SlotState::gone;
    row.epoch = move.epoch + 1;
    row.moved_to = move.isolates() ? std::string() : move.target;
    row.frozen_at.reset();
    return true;
  };
  RESPRING_TRY(const bool left,
               change_row(source, move.slot, source.dialect().for_update(), change));
  return left || let_go;
}

sql::Result<bool> open_slot(sql::Connection& target, const Move& move) {
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    const bool opened = row.epoch >= move.epoch + 1 && row.state != SlotState::importing;
    if (row.move_id != move.id) return opened;
    if (row.state != SlotState::importing) return opened;
    row.state = SlotState::active;
    row.epoch = move.epoch + 1;
    RESPRING_TRYV(clear_progress(target, move.target_slot()));
    return true;
  };
  return change_row(target, move.target_slot(), target.dialect().for_update(), change);
}

namespace {

// Of the isolated room: the others of the slot are written meanwhile.
sql::Result<bool> clean_room(sql::Connection& source, const Move& move, int rows) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(source, sql::Begin::write));
  RESPRING_TRY(const auto row, load_owner(source, move.slot, source.dialect().for_share()));
  if (!row || row->epoch <= move.epoch) return true;  // it has not let go: restored, perhaps
  RESPRING_TRY(const std::int64_t deleted, delete_some(source, source_part(move), rows));
  if (deleted == 0 && row->state == SlotState::active) {
    RESPRING_TRYV(clear_journal(source, move.slot));
  }
  RESPRING_TRYV(transaction.commit());
  return deleted == 0;
}

}  // namespace

sql::Result<bool> clean_slot(sql::Connection& source, const Move& move, int rows) {
  if (move.isolates()) return clean_room(source, move, rows);
  RESPRING_TRY(auto transaction, sql::Transaction::begin(source, sql::Begin::write));
  RESPRING_TRY(auto row, load_owner(source, move.slot, source.dialect().for_update()));
  // A move back has taken the rows over, or it is cleaned already.
  if (!row || row->state != SlotState::gone || row->move_id != move.id) return true;
  RESPRING_TRY(const std::int64_t deleted, delete_some(source, source_part(move), rows));
  if (deleted == 0) {
    RESPRING_TRYV(clear_journal(source, move.slot));
    row->state = SlotState::none;
    row->moved_to.clear();
    RESPRING_TRYV(put(source, move.slot, *row));
  }
  RESPRING_TRYV(transaction.commit());
  return deleted == 0;
}

sql::Result<void> restore_slot(sql::Connection& source, const Move& move) {
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    if (row.gen > move.gen) return false;  // of a later move
    const bool held = row.state == SlotState::moving || row.state == SlotState::frozen;
    if (!held && row.state != SlotState::active) return false;
    row.state = SlotState::active;
    row.gen = move.gen;
    row.frozen_at.reset();
    RESPRING_TRYV(clear_journal(source, move.slot));
    return true;
  };
  RESPRING_TRYV(change_row(source, move.slot, source.dialect().for_update(), change));
  return success();
}

sql::Result<bool> wipe_slot(sql::Connection& target, const Move& move, int rows) {
  bool finished = true;
  const auto change = [&](OwnerRow& row) -> sql::Result<bool> {
    if (row.gen > move.gen) return false;
    row.gen = move.gen;
    if (row.state != SlotState::importing || row.move_id != move.id) return true;
    RESPRING_TRYV(clear_progress(target, move.target_slot()));
    RESPRING_TRY(const std::int64_t deleted,
                 delete_some(target, {move.target_slot().value, {}}, rows));
    finished = deleted == 0;
    if (finished) row.state = SlotState::none;
    return true;
  };
  RESPRING_TRYV(change_row(target, move.target_slot(), target.dialect().for_update(), change));
  return finished;
}

sql::Result<std::string> schema_fingerprint(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT chain FROM schema_migration WHERE state='done' ORDER BY "
                                   "version DESC, statement_no DESC LIMIT 1"));
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.text(0) : std::string();
}

}  // namespace respring::store
