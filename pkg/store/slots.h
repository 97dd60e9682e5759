#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "shardmap/shard_map.h"
#include "sql/connection.h"

/// The fence: what each shard itself says about every slot. It is read inside the transaction that
/// writes, so that whoever works with an old map is refused by the shard.
namespace respring::store {

inline constexpr std::string_view kRoomKeyspace = "room";

/// Makes all slots' rows where there are none: ACTIVE those the map gives to this shard, NONE the
/// rest. Rows that exist stay as they are. `shard` is the index in the map.
sql::Result<void> seed_slots(sql::Connection& shard_database, const shardmap::ShardMap& map,
                             std::int32_t shard);

/// Tells those of the slots whose rooms may be written here, and with which epoch. To be asked
/// inside the transaction of the write; whoever works with another epoch is refused.
sql::Result<void> writable_epochs(
    sql::Connection& database, std::vector<shardmap::Slot> slots,
    const std::function<void(shardmap::Slot, shardmap::Epoch)>& found);
/// May they be read here? Also while a move copies or has frozen them.
sql::Result<bool> may_read_slot(sql::Connection& database, shardmap::Slot slot);

/// The refusal: definite, worth another try at once.
Error slot_moving();

}  // namespace respring::store
