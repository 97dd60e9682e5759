#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "shardmap/shard_map.h"
#include "sql/connection.h"

/// After a shard came back as it was earlier. Its rooms are what their rows say; what others know
/// of them is of a later time. While nothing else writes; all may be repeated.
namespace respring::store {

/// The slots that may be written in this shard.
sql::Result<std::vector<shardmap::Slot>> open_slots(sql::Connection& shard);

/// Gives every room of these slots a new epoch: events that were lost have been seen under their
/// numbers, and whoever has a cursor from then starts over. An epoch is never met twice, however
/// often the same backup comes back: it is at least the time in seconds. How many rooms.
sql::Result<std::int64_t> restart_histories(sql::Connection& shard,
                                            const std::vector<shardmap::Slot>& slots, Time now,
                                            bool dry_run);

struct Relisted {
  std::int64_t rooms = 0;    ///< whose people's lists knew later events
  std::int64_t to_make = 0;  ///< made later than the backup: the room role makes them again
};
/// The room directory of rooms in these slots is put right: lists show who is a member, and rooms
/// that are not there are reserved again.
Result<Relisted> relist(sql::Connection& shard, sql::Connection& directory,
                        const shardmap::ShardMap& map, const std::vector<shardmap::Slot>& slots,
                        bool dry_run);

}  // namespace respring::store
