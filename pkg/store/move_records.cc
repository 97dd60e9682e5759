#include "store/move_records.h"

#include <algorithm>

#include "store/slots.h"

namespace respring::store {
namespace {

using shardmap::Move;
using shardmap::MoveState;

constexpr std::string_view kColumns =
    "move_id, slot, src, dst, state, gen, lease_until, created_at, epoch, wish, bytes_per_second, "
    "settled, changed_at, clean_at, stage, note, row_count, paused_us, most_threads, cause, "
    "room_id, "
    "own_slot, most_lag_ms";

Move read_move(const sql::Rows& row) {
  Move move;
  move.id = row.text(0);
  move.slot.value = static_cast<std::int32_t>(row.int64(1));
  move.source = row.text(2);
  move.target = row.text(3);
  move.state = shardmap::move_state_named(row.view(4));
  move.gen = row.int64(5);
  move.lease_until = row.time(6);
  move.created_at = row.time(7);
  move.epoch = row.int64(8);
  move.wish = shardmap::move_wish_named(row.view(9));
  move.pace.bytes_per_second = row.int64(10);
  move.settled = row.int64(11) != 0;
  move.changed_at = row.time(12);
  move.clean_at = row.time(13);
  move.stage = row.text(14);
  move.note = row.text(15);
  move.rows = row.int64(16);
  move.paused_us = row.int64(17);
  move.pace.most_threads = row.int64(18);
  move.cause = shardmap::abort_cause_named(row.view(19));
  move.room = row.id<RoomId>(20);
  move.own.value = static_cast<std::int32_t>(row.int64(21));
  move.pace.most_lag_ms = row.int64(22);
  return move;
}

sql::Result<std::vector<Move>> read_all(sql::Rows rows) {
  std::vector<Move> moves;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return moves;
    moves.push_back(read_move(rows));
  }
}

std::string select_where(std::string_view condition) {
  return "SELECT " + std::string(kColumns) + " FROM move WHERE keyspace='room' AND " +
         std::string(condition);
}

Error refuse(std::string why) { return {ErrorCode::conflict, std::move(why), {}, {}}; }

sql::Result<std::optional<Move>> first(sql::Rows rows) {
  RESPRING_TRY(auto moves, read_all(std::move(rows)));
  if (moves.empty()) return std::optional<Move>();
  return std::optional(std::move(moves.front()));
}

Error not_ours(const std::string& id) {
  return refuse("move " + id + " was ended or taken over by another mover");
}

}  // namespace

Step<Move> report_move(sql::Connection& meta, const Move& move) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(meta, sql::Begin::write));
  RESPRING_TRY(const std::int64_t met,
               meta.run("UPDATE move SET stage=?, row_count=?, paused_us=?, note=?, lease_until=? "
                        "WHERE move_id=? AND gen=? AND state='RUN'",
                        move.stage, move.rows, move.paused_us, move.note, move.lease_until, move.id,
                        move.gen));
  if (met == 0) return Halt(not_ours(move.id));
  RESPRING_TRY(auto found, load_move(meta, move.id));
  RESPRING_TRYV(transaction.commit());
  return std::move(*found);
}

namespace {

constexpr std::string_view kDecide =
    "UPDATE move SET state='COMMITTED', changed_at=?, clean_at=?, paused_us=?, row_count=? WHERE "
    "move_id=? AND gen=? AND state='RUN'";
constexpr std::string_view kGiveSlot =
    "UPDATE slot_map SET owner=?, epoch=? WHERE keyspace=? AND slot=? AND owner=? AND epoch=?";
constexpr std::string_view kNewEpoch =
    "UPDATE slot_map SET epoch=? WHERE keyspace=? AND slot=? AND owner=? AND epoch=?";
constexpr std::string_view kNewSlot =
    "INSERT INTO slot_map (keyspace, slot, owner, epoch) VALUES (?,?,?,?)";
constexpr std::string_view kIsolate =
    "INSERT INTO isolated_room (keyspace, room_id, slot) VALUES (?,?,?)";
constexpr std::string_view kNextVersion =
    "UPDATE map_version SET version=version+1 WHERE keyspace=?";

}  // namespace

namespace {

// False when the slot is not the source's any more.
sql::Result<bool> give_slot(sql::Connection& meta, const Move& move) {
  RESPRING_TRY(const std::int64_t mapped,
               meta.run(kGiveSlot, move.target, move.epoch + 1, kRoomKeyspace, move.slot.value,
                        move.source, move.epoch));
  return mapped == 1;
}

// The slot that the room leaves stays where it is, with the next epoch.
sql::Result<bool> give_room(sql::Connection& meta, const Move& move) {
  RESPRING_TRY(const std::int64_t mapped, meta.run(kNewEpoch, move.epoch + 1, kRoomKeyspace,
                                                   move.slot.value, move.source, move.epoch));
  if (mapped != 1) return false;
  RESPRING_TRYV(meta.run(kNewSlot, kRoomKeyspace, move.own.value, move.target, move.epoch + 1));
  RESPRING_TRYV(meta.run(kIsolate, kRoomKeyspace, move.room, move.own.value));
  return true;
}

}  // namespace

sql::Result<void> prepare_commit(sql::Connection& meta) {
  for (const auto text : {kDecide, kGiveSlot, kNewEpoch, kNewSlot, kIsolate, kNextVersion}) {
    RESPRING_TRY(auto* statement, meta.prepare(text));
    statement->reset();  // or it would be in use
  }
  return success();
}

sql::Result<bool> commit_move(sql::Connection& meta, const Move& move, Time now, Time clean_at) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(meta, sql::Begin::write));
  RESPRING_TRY(const std::int64_t decided,
               meta.run(kDecide, now, clean_at, move.paused_us, move.rows, move.id, move.gen));
  if (decided != 1) return false;
  RESPRING_TRY(const bool given, move.isolates() ? give_room(meta, move) : give_slot(meta, move));
  if (!given) return false;
  RESPRING_TRYV(meta.run(kNextVersion, kRoomKeyspace));
  RESPRING_TRYV(transaction.commit());
  return true;
}

sql::Result<bool> abort_move(sql::Connection& meta, const std::string& id, Time now,
                             shardmap::AbortCause cause, const std::string& why) {
  RESPRING_TRY(const std::int64_t met,
               meta.run("UPDATE move SET state='ABORTED', changed_at=?, cause=?, note=? WHERE "
                        "move_id=? AND state='RUN'",
                        now, shardmap::name_of(cause), why, id));
  return met == 1;
}

sql::Result<void> mark_settled(sql::Connection& meta, const std::string& id, Time now) {
  RESPRING_TRYV(
      meta.run("UPDATE move SET settled=1, changed_at=? WHERE move_id=? AND state IN "
               "('COMMITTED','ABORTED')",
               now, id));
  return success();
}

sql::Result<void> note_pause(sql::Connection& meta, const Move& move) {
  RESPRING_TRYV(
      meta.run("UPDATE move SET paused_us=? WHERE move_id=? AND state='COMMITTED' AND gen=?",
               move.paused_us, move.id, move.gen));
  return success();
}

sql::Result<void> mark_done(sql::Connection& meta, const std::string& id, Time now) {
  RESPRING_TRYV(
      meta.run("UPDATE move SET state='DONE', changed_at=? WHERE move_id=? AND "
               "state='COMMITTED' AND settled=1",
               now, id));
  return success();
}

sql::Result<bool> wish_move(sql::Connection& meta, const std::string& id, shardmap::MoveWish wish) {
  RESPRING_TRY(const std::int64_t met, meta.run("UPDATE move SET wish=? WHERE move_id=? AND "
                                                "state='RUN'",
                                                shardmap::name_of(wish), id));
  return met == 1;
}

sql::Result<bool> pace_move(sql::Connection& meta, const std::string& id,
                            const shardmap::Pace& pace) {
  RESPRING_TRY(const std::int64_t met,
               meta.run("UPDATE move SET bytes_per_second=?, most_threads=?, most_lag_ms=? WHERE "
                        "move_id=? AND state='RUN'",
                        pace.bytes_per_second, pace.most_threads, pace.most_lag_ms, id));
  return met == 1;
}

sql::Result<std::optional<Move>> load_move(sql::Connection& meta, const std::string& id) {
  RESPRING_TRY(auto rows, meta.query(select_where("move_id=?"), id));
  return first(std::move(rows));
}

sql::Result<std::vector<Move>> find_moves(sql::Connection& meta, const std::string& prefix) {
  RESPRING_TRY(auto rows,
               meta.query(select_where("SUBSTR(move_id,1,?)=? ORDER BY created_at DESC LIMIT 10"),
                          static_cast<std::int64_t>(prefix.size()), prefix));
  return read_all(std::move(rows));
}

sql::Result<std::vector<Move>> list_moves(sql::Connection& meta, std::optional<shardmap::Slot> slot,
                                          bool open_only, int limit) {
  const std::string which = open_only ? "state<>'DONE' AND (state<>'ABORTED' OR settled=0)" : "1=1";
  const std::string tail = " ORDER BY created_at DESC, gen DESC LIMIT ?";
  if (slot) {
    RESPRING_TRY(auto rows, meta.query(select_where("(slot=? OR (own_slot=? AND room_id<>0)) AND " +
                                                    which + tail),
                                       slot->value, slot->value, limit));
    return read_all(std::move(rows));
  }
  RESPRING_TRY(auto rows, meta.query(select_where(which + tail), limit));
  return read_all(std::move(rows));
}

}  // namespace respring::store
