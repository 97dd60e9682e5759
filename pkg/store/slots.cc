#include "store/slots.h"

#include <algorithm>
#include <string>

#include "store/many_rows.h"

namespace respring::store {

namespace {

constexpr auto kTurn = std::chrono::seconds(60);

sql::Result<std::vector<bool>> slots_there(sql::Connection& shard_database, std::size_t count) {
  std::vector<bool> there(count, false);
  RESPRING_TRY(auto rows,
               shard_database.query("SELECT slot FROM slot_owner WHERE keyspace=?", kRoomKeyspace));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return there;
    const auto slot = static_cast<std::size_t>(rows.int64(0));
    if (slot < there.size()) there[slot] = true;
  }
}

sql::Result<void> add_missing_slots(sql::Connection& shard_database, const shardmap::ShardMap& map,
                                    std::int32_t shard) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(shard_database, sql::Begin::write));
  const std::size_t count = map.owners.size();
  RESPRING_TRY(const auto there, slots_there(shard_database, count));
  std::vector<shardmap::Slot> missing;
  for (std::size_t i = 0; i < count; ++i) {
    const shardmap::Slot slot{static_cast<std::int32_t>(i)};
    // That of an isolated room is only where it is or was.
    const bool needed = slot.value < shardmap::kHashedSlots || map.owner_of(slot).shard == shard;
    if (needed && !there[i]) missing.push_back(slot);
  }
  if (missing.empty()) return success();
  // Rooms lie in what was given away and taken since: an empty database must not stand for them.
  const bool owns_missing = std::ranges::any_of(
      missing, [&](shardmap::Slot slot) { return map.owner_of(slot).shard == shard; });
  if (owns_missing && map.version > 1) {
    return sql::Failure{sql::Errc::corrupt,
                        "it lacks slots that the shard map gives to it: this is another database, "
                        "or it must be restored from a backup"};
  }
  const auto bind = [&](sql::Statement& statement, int index, shardmap::Slot slot) {
    const auto& owner = map.owner_of(slot);
    const std::string_view state = owner.shard == shard ? "ACTIVE" : "NONE";
    return sql::bind_values(statement, index, kRoomKeyspace, slot.value, state, owner.epoch);
  };
  RESPRING_TRYV(insert_rows(shard_database,
                            "INSERT INTO slot_owner (keyspace, slot, state, epoch, gen) VALUES ",
                            "(?,?,?,?,0)", "", missing, bind));
  return transaction.commit();
}

}  // namespace

sql::Result<void> seed_slots(sql::Connection& shard_database, const shardmap::ShardMap& map,
                             std::int32_t shard) {
  RESPRING_TRYV(shard_database.lock("respring slots ", kTurn));
  auto added = add_missing_slots(shard_database, map, shard);
  shard_database.unlock("respring slots ");
  return added;
}

sql::Result<void> fences_of(sql::Connection& database, std::vector<shardmap::Slot> slots,
                            const std::function<void(shardmap::Slot, Fence)>& found) {
  std::ranges::sort(slots);
  const auto bind = [](sql::Statement& statement, int index, shardmap::Slot slot) {
    return sql::bind_values(statement, index, slot.value);
  };
  const auto read = [&found](const sql::Rows& row) {
    found(shardmap::Slot{static_cast<std::int32_t>(row.int64(2))},
          Fence{shardmap::slot_state_named(row.view(0)), row.int64(1)});
  };
  const auto tail = ")" + std::string(database.dialect().for_share());
  return for_each_of(database,
                     "SELECT state, epoch, slot FROM slot_owner WHERE keyspace='room' AND (",
                     "slot=?", tail, slots, bind, read);
}

sql::Result<bool> may_read_slot(sql::Connection& database, shardmap::Slot slot,
                                shardmap::Epoch epoch) {
  RESPRING_TRY(auto rows, database.query("SELECT state, epoch FROM slot_owner WHERE "
                                         "keyspace='room' AND slot=?",
                                         slot.value));
  RESPRING_TRY(const bool found, rows.next());
  if (!found || rows.int64(1) > epoch) return false;
  return rows.view(0) == "ACTIVE" || rows.view(0) == "MOVING" || rows.view(0) == "FROZEN";
}

sql::Result<std::vector<std::pair<shardmap::Slot, std::int64_t>>> events_by_slot(
    sql::Connection& database) {
  RESPRING_TRY(auto rows, database.query("SELECT slot, SUM(last_seq) FROM room GROUP BY slot"));
  std::vector<std::pair<shardmap::Slot, std::int64_t>> events;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return events;
    events.emplace_back(shardmap::Slot{static_cast<std::int32_t>(rows.int64(0))}, rows.int64(1));
  }
}

namespace {

// Slots of isolated rooms that came after what was restored.
void note_unknown(const shardmap::ShardMap& map, std::int32_t shard,
                  const std::vector<std::pair<shardmap::Slot, Fence>>& fences,
                  std::vector<shardmap::Slot>& missing) {
  for (std::size_t i = 0; i < map.owners.size(); ++i) {
    const shardmap::Slot slot{static_cast<std::int32_t>(i)};
    const bool known =
        std::ranges::find(fences, slot, [](const auto& f) { return f.first; }) != fences.end();
    if (!known && map.owner_of(slot).shard == shard) missing.push_back(slot);
  }
}

}  // namespace

sql::Result<Reconciled> reconcile_fence(sql::Connection& database, const shardmap::ShardMap& map,
                                        std::int32_t shard, bool dry_run) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(database, sql::Begin::write));
  std::vector<std::pair<shardmap::Slot, Fence>> fences;
  std::vector<shardmap::Slot> all;
  for (std::size_t i = 0; i < map.owners.size(); ++i)
    all.push_back(shardmap::Slot{static_cast<std::int32_t>(i)});
  RESPRING_TRYV(fences_of(
      database, all, [&](shardmap::Slot slot, Fence fence) { fences.emplace_back(slot, fence); }));
  Reconciled result;
  if (fences.size() < all.size()) note_unknown(map, shard, fences, result.missing);
  for (const auto& [slot, fence] : fences) {
    const auto& owner = map.owner_of(slot);
    const bool open = fence.open() || fence.state == shardmap::SlotState::frozen;
    const bool ours = owner.shard == shard;
    if (ours && (!open || fence.epoch != owner.epoch)) result.missing.push_back(slot);
    if (!open || (ours && fence.epoch >= owner.epoch)) continue;
    result.closed.push_back(slot);
    if (dry_run) continue;
    RESPRING_TRYV(
        database.run("UPDATE slot_owner SET state='GONE', epoch=?, moved_to=?, "
                     "frozen_at=NULL WHERE keyspace=? AND slot=?",
                     owner.epoch, map.name_of(owner), kRoomKeyspace, slot.value));
  }
  if (!dry_run) {
    RESPRING_TRYV(transaction.commit());
  }
  return result;
}

Error slot_moving() {
  return {ErrorCode::slot_moving, "the room is being moved", {}, std::chrono::milliseconds(100)};
}

}  // namespace respring::store
