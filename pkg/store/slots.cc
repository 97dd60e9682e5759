#include "store/slots.h"

#include <string>

namespace respring::store {

sql::Result<void> seed_slots(sql::Connection& shard_database, const shardmap::ShardMap& map,
                             std::int32_t shard) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(shard_database, sql::Begin::write));
  {
    RESPRING_TRY(auto rows, shard_database.query("SELECT COUNT(*) FROM slot_owner WHERE keyspace=?",
                                                 kRoomKeyspace));
    RESPRING_TRYV(rows.next());
    if (rows.int64(0) >= shardmap::kHashedSlots) return success();
  }
  const auto insert =
      "INSERT INTO slot_owner (keyspace, slot, state, epoch, gen) VALUES (?,?,?,?,0)" +
      shard_database.dialect().on_conflict_keep({"keyspace", "slot"});
  for (std::int32_t slot = 0; slot < shardmap::kHashedSlots; ++slot) {
    const auto& owner = map.owner_of(shardmap::Slot{slot});
    const std::string_view state = owner.shard == shard ? "ACTIVE" : "NONE";
    RESPRING_TRYV(shard_database.run(insert, kRoomKeyspace, slot, state, owner.epoch));
  }
  return transaction.commit();
}

sql::Result<std::optional<shardmap::Epoch>> writable_epoch(sql::Connection& database,
                                                           shardmap::Slot slot) {
  const auto text = "SELECT state, epoch FROM slot_owner WHERE keyspace='room' AND slot=?" +
                    std::string(database.dialect().for_share());
  RESPRING_TRY(auto rows, database.query(text, slot.value));
  RESPRING_TRY(const bool found, rows.next());
  if (!found || (rows.view(0) != "ACTIVE" && rows.view(0) != "MOVING"))
    return std::optional<shardmap::Epoch>();
  return std::optional<shardmap::Epoch>(rows.int64(1));
}

sql::Result<bool> may_read_slot(sql::Connection& database, shardmap::Slot slot) {
  RESPRING_TRY(
      auto rows,
      database.query("SELECT state FROM slot_owner WHERE keyspace='room' AND slot=?", slot.value));
  RESPRING_TRY(const bool found, rows.next());
  return found &&
         (rows.view(0) == "ACTIVE" || rows.view(0) == "MOVING" || rows.view(0) == "FROZEN");
}

Error slot_moving() {
  return {ErrorCode::slot_moving, "the room is being moved", {}, std::chrono::milliseconds(100)};
}

}  // namespace respring::store
