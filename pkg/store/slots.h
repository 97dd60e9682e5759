#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "shardmap/shard_map.h"
#include "shardmap/slot_state.h"
#include "sql/connection.h"

/// The fence: what each shard itself says about every slot. It is read inside the transaction that
/// writes, so that whoever works with an old map is refused by the shard.
namespace respring::store {

inline constexpr std::string_view kRoomKeyspace = "room";

/// Makes all slots' rows where there are none: ACTIVE those the map gives to this shard, NONE the
/// rest. Rows that exist stay as they are. `shard` is the index in the map.
sql::Result<void> seed_slots(sql::Connection& shard_database, const shardmap::ShardMap& map,
                             std::int32_t shard);

/// What a shard says about a slot, to whoever writes.
struct Fence {
  shardmap::SlotState state = shardmap::SlotState::none;
  shardmap::Epoch epoch = 0;

  bool open() const {
    return state == shardmap::SlotState::active || state == shardmap::SlotState::moving;
  }
  /// It will be written here or elsewhere in a moment; whoever wants to write waits.
  bool waits() const {
    return state == shardmap::SlotState::frozen || state == shardmap::SlotState::importing;
  }
};

/// Tells what is known of the slots. To be asked inside the transaction of the write; whoever works
/// with another epoch is refused.
sql::Result<void> fences_of(sql::Connection& database, std::vector<shardmap::Slot> slots,
                            const std::function<void(shardmap::Slot, Fence)>& found);
/// May it be read here? Also while a move copies or has frozen it. Not by a map that is older than
/// what the shard says: a room may have left the slot since.
sql::Result<bool> may_read_slot(sql::Connection& database, shardmap::Slot slot,
                                shardmap::Epoch epoch);

/// How many events the rooms of each slot have here; slots without a room are left out.
sql::Result<std::vector<std::pair<shardmap::Slot, std::int64_t>>> events_by_slot(
    sql::Connection& database);

/// A shard that was restored, or whose replica was promoted, may believe in slots that have left
/// since. Every slot that the map gives to another shard, or with a higher epoch, is closed here.
/// Those that are its own by the map and not open come back: their rows are not here.
struct Reconciled {
  std::vector<shardmap::Slot> closed;
  std::vector<shardmap::Slot> missing;
};
sql::Result<Reconciled> reconcile_fence(sql::Connection& database, const shardmap::ShardMap& map,
                                        std::int32_t shard, bool dry_run);

/// The refusal: definite, worth another try at once.
Error slot_moving();

}  // namespace respring::store
