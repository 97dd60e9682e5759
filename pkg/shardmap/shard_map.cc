#include "shardmap/shard_map.h"

#include <utility>

namespace respring::shardmap {

const ShardMap::Owner& ShardMap::owner_of(Slot slot) const {
  static constexpr Owner kNobody{-1, 0};
  const auto at = static_cast<std::size_t>(slot.value);
  return slot.value >= 0 && at < owners.size() ? owners[at] : kNobody;
}

const std::string& ShardMap::name_of(const Owner& owner) const {
  static const std::string kNobody;
  return owner.shard < 0 ? kNobody : shards[static_cast<std::size_t>(owner.shard)];
}

Slot ShardMap::slot_of(RoomId room) const {
  const auto found = isolated.find(room);
  return found == isolated.end() ? hashed_slot_of(room) : found->second;
}

ShardMap even_map(std::vector<std::string> shards) {
  ShardMap map;
  map.shards = std::move(shards);
  map.owners.resize(kHashedSlots);
  const auto count = static_cast<std::int64_t>(map.shards.size());
  for (std::int64_t slot = 0; slot < kHashedSlots; ++slot)
    map.owners[static_cast<std::size_t>(slot)].shard =
        static_cast<std::int32_t>(slot * count / kHashedSlots);
  return map;
}

}  // namespace respring::shardmap
