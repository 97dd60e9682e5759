// Who may begin or take over: moves of a slot exclude each other, and migrations of every shard.
#include <algorithm>

#include "store/move_records.h"
#include "store/slots.h"

namespace respring::store {
namespace {

using shardmap::Move;
using shardmap::MoveState;

Error refuse(std::string why) { return {ErrorCode::conflict, std::move(why), {}, {}}; }

struct Owner {
  std::string shard;
  shardmap::Epoch epoch = 0;
};

// The slot's row in the map is what everybody who decides about the slot waits for.
Step<Owner> lock_owner(sql::Connection& meta, shardmap::Slot slot) {
  RESPRING_TRY(auto rows, meta.query("SELECT owner, epoch FROM slot_map WHERE keyspace=? AND "
                                     "slot=?" +
                                         std::string(meta.dialect().for_update()),
                                     kRoomKeyspace, slot.value));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return Halt(not_found("there is no slot " + std::to_string(slot.value)));
  return Owner{rows.text(0), rows.int64(1)};
}

// A room may get its own slot where it is.
Step<void> check_target(sql::Connection& meta, const NewMove& wanted, const Owner& owner) {
  const std::string slot = "slot " + std::to_string(wanted.slot.value);
  if (owner.shard == wanted.target && !wanted.room)
    return Halt(refuse(slot + " is on " + owner.shard + " already"));
  RESPRING_TRY(auto rows, meta.query("SELECT state FROM shard WHERE name=?", wanted.target));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) {
    return Halt(
        not_found("'" + wanted.target + "' is no shard of the map: respring shard apply adds one"));
  }
  if (rows.view(0) == "ACTIVE") return success();
  return Halt(refuse(wanted.target + " takes no slots: its state is " + rows.text(0)));
}

// Above those of every move whose row of slot_owner this one will meet.
sql::Result<std::int64_t> next_gen(sql::Connection& meta, shardmap::Slot slot, shardmap::Slot own) {
  RESPRING_TRY(auto rows, meta.query("SELECT COALESCE(MAX(gen), 0) + 1 FROM move WHERE keyspace=? "
                                     "AND (slot IN (?,?) OR (own_slot IN (?,?) AND room_id<>0))",
                                     kRoomKeyspace, slot.value, own.value, slot.value, own.value));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

// The first number behind all that are in use. Whoever asks holds the lease's row, so nobody else
// gets the same.
Step<shardmap::Slot> next_own_slot(sql::Connection& meta, RoomId room) {
  RESPRING_TRY(auto known, meta.query("SELECT slot FROM isolated_room WHERE keyspace=? AND "
                                      "room_id=?",
                                      kRoomKeyspace, room));
  RESPRING_TRY(const bool found, known.next());
  if (found) {
    const auto slot = std::to_string(known.int64(0));
    return Halt(refuse("room " + room.str() + " has slot " + slot +
                       " of its own: respring shard move --slot " + slot + " --to SHARD moves it"));
  }
  RESPRING_TRY(auto rows,
               meta.query("SELECT COALESCE(MAX(slot), 0) FROM (SELECT slot FROM slot_map WHERE "
                          "keyspace=? UNION ALL SELECT own_slot FROM move WHERE keyspace=? AND "
                          "room_id<>0 AND settled=0) used",
                          kRoomKeyspace, kRoomKeyspace));
  RESPRING_TRYV(rows.next());
  const auto last = static_cast<std::int32_t>(rows.int64(0));
  const shardmap::Slot own{std::max(last + 1, shardmap::kHashedSlots)};
  if (own.value < shardmap::kMostSlots) return own;
  return Halt(refuse(std::to_string(shardmap::kMostSlots - shardmap::kHashedSlots) +
                     " rooms have slots of their own: more cannot be isolated"));
}

// The row is made where it is missing, so that there is something to lock.
sql::Result<std::pair<std::string, Time>> lock_lease(sql::Connection& meta) {
  const auto keep = meta.dialect().on_conflict_keep({"name"});
  RESPRING_TRYV(meta.run("INSERT INTO fleet_lease (name, holder, until) VALUES (?,?,?)" + keep,
                         "migrate", "", 0));
  RESPRING_TRY(auto rows, meta.query("SELECT holder, until FROM fleet_lease WHERE name='migrate'" +
                                     std::string(meta.dialect().for_update())));
  RESPRING_TRYV(rows.next());
  return std::pair(rows.text(0), rows.time(1));
}

Step<void> check_no_other(sql::Connection& meta, const NewMove& wanted) {
  RESPRING_TRY(const auto lease, lock_lease(meta));
  if (lease.second > wanted.now) {
    return Halt(refuse("a migration of every shard runs (" + lease.first + "): wait for its end"));
  }
  RESPRING_TRY(const auto moves, list_moves(meta, wanted.slot, true, 10));
  const std::string slot = "slot " + std::to_string(wanted.slot.value);
  for (const auto& move : moves) {
    // They would move with it as if they were the room.
    if (move.settled && move.isolates() && move.state == MoveState::committed &&
        move.slot == wanted.slot) {
      return Halt(refuse(slot + " still has the old rows of room " + move.room.str() +
                         ", which has a slot of its own now: respring shard gc --slot " +
                         std::to_string(wanted.slot.value)));
    }
    if (move.settled) continue;
    return Halt(refuse(slot + " is being moved to " + move.target +
                       ": go on with respring shard resume " + move.id));
  }
  return success();
}

constexpr int kAttempts = 5;

// Movers of other slots lock the same rows in another order now and then: whom the server makes
// give way has changed nothing.
template <class Work>
auto again_if_busy(Work work) -> decltype(work()) {
  for (int attempt = 1; true; ++attempt) {
    auto result = work();
    const auto* failure = result ? nullptr : result.assume_error().failure();
    const bool busy = failure != nullptr && failure->code == sql::Errc::busy;
    if (!busy || attempt == kAttempts) return result;
  }
}

Step<Move> begin_once(sql::Connection& meta, const NewMove& wanted) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(meta, sql::Begin::write));
  RESPRING_TRYV(check_no_other(meta, wanted));
  RESPRING_TRY(const Owner owner, lock_owner(meta, wanted.slot));
  RESPRING_TRYV(check_target(meta, wanted, owner));
  shardmap::Slot own;
  if (wanted.room) {
    RESPRING_TRY(own, next_own_slot(meta, *wanted.room));
  }
  RESPRING_TRY(const std::int64_t gen,
               next_gen(meta, wanted.slot, wanted.room ? own : wanted.slot));
  RESPRING_TRYV(meta.run(
      "INSERT INTO move (move_id, keyspace, slot, src, dst, state, gen, lease_until, created_at, "
      "epoch, bytes_per_second, most_threads, changed_at, room_id, own_slot, "
      "most_lag_ms) VALUES (?,?,?,?,?,'RUN',?,?,?,?,?,?,?,?,?,?)",
      wanted.id, kRoomKeyspace, wanted.slot.value, owner.shard, wanted.target, gen,
      wanted.now + wanted.lease, wanted.now, owner.epoch, wanted.pace.bytes_per_second,
      wanted.pace.most_threads, wanted.now, wanted.room.value_or(RoomId{}), own.value,
      wanted.pace.most_lag_ms));
  RESPRING_TRY(auto made, load_move(meta, wanted.id));
  RESPRING_TRYV(transaction.commit());
  return std::move(*made);
}

Step<Move> take_over_once(sql::Connection& meta, const std::string& id, Time now,
                          std::chrono::milliseconds lease, bool by_force) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(meta, sql::Begin::write));
  RESPRING_TRY(auto found, load_move(meta, id));
  if (!found) return Halt(not_found("there is no move " + id));
  RESPRING_TRYV(lock_owner(meta, found->slot));
  RESPRING_TRY(found, load_move(meta, id));  // as it is now that the slot is locked
  if (found->state != MoveState::run)
    return Halt(refuse("move " + id + " was ended by another mover"));
  if (found->lease_until > now && !by_force) {
    return Halt(refuse("another mover works on " + id + " until " + to_rfc3339(found->lease_until) +
                       "; --take-over replaces it"));
  }
  RESPRING_TRY(const std::int64_t gen, next_gen(meta, found->slot, found->target_slot()));
  RESPRING_TRYV(
      meta.run("UPDATE move SET gen=?, lease_until=?, wish='run', changed_at=? WHERE "
               "move_id=?",
               gen, now + lease, now, id));
  RESPRING_TRY(found, load_move(meta, id));
  RESPRING_TRYV(transaction.commit());
  return std::move(*found);
}

}  // namespace

Step<Move> begin_move(sql::Connection& meta, const NewMove& wanted) {
  return again_if_busy([&] { return begin_once(meta, wanted); });
}

Step<Move> take_over_move(sql::Connection& meta, const std::string& id, Time now,
                          std::chrono::milliseconds lease, bool by_force) {
  return again_if_busy([&] { return take_over_once(meta, id, now, lease, by_force); });
}

Step<void> take_migrate_lease(sql::Connection& meta, const std::string& holder, Time until) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(meta, sql::Begin::write));
  RESPRING_TRYV(lock_lease(meta));
  RESPRING_TRY(const auto moves, list_moves(meta, std::nullopt, true, 1000));
  for (const auto& move : moves) {
    if (move.settled) continue;
    return Halt(refuse("slot " + std::to_string(move.slot.value) + " is being moved (" + move.id +
                       "): finish or abort it first"));
  }
  RESPRING_TRYV(
      meta.run("UPDATE fleet_lease SET holder=?, until=? WHERE name='migrate'", holder, until));
  RESPRING_TRYV(transaction.commit());
  return success();
}

sql::Result<void> renew_migrate_lease(sql::Connection& meta, const std::string& holder,
                                      Time until) {
  RESPRING_TRYV(
      meta.run("UPDATE fleet_lease SET until=? WHERE name='migrate' AND holder=?", until, holder));
  return success();
}

sql::Result<void> release_migrate_lease(sql::Connection& meta, const std::string& holder) {
  RESPRING_TRYV(
      meta.run("UPDATE fleet_lease SET until=0 WHERE name='migrate' AND holder=?", holder));
  return success();
}

}  // namespace respring::store
