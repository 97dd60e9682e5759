#pragma once

#include <compare>
#include <cstdint>

#include "base/ids.h"

namespace respring::shardmap {

/// The unit that moves between shards.
struct Slot {
  std::int32_t value = 0;
  auto operator<=>(const Slot&) const = default;
};

/// Slots that rooms are spread over; higher numbers are slots of one isolated room each.
inline constexpr std::int32_t kHashedSlots = 4096;
/// More slots there are never: as many rooms may be isolated.
inline constexpr std::int32_t kMostSlots = 2 * kHashedSlots;

/// Where the room lies unless it has been isolated (ShardMap::slot_of). Fixed for ever, since the
/// data lies by it: the top 12 bits of XXH3-64 of the id's 8 bytes in little endian, seed 0.
Slot hashed_slot_of(RoomId room);

}  // namespace respring::shardmap
