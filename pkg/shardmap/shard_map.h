#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "shardmap/slot.h"

namespace respring::shardmap {

using Epoch = std::int64_t;  ///< of a slot's ownership; grows with every move

/// Which shard owns each slot, as of one version. A plain value.
struct ShardMap {
  struct Owner {
    std::int32_t shard = 0;  ///< index into `shards`
    Epoch epoch = 1;
    bool operator==(const Owner&) const = default;
  };

  std::int64_t version = 1;
  std::vector<std::string> shards;  ///< names
  /// By slot: kHashedSlots of them, then those of isolated rooms. One that nobody has, or whose
  /// shard is not known here, has the shard -1.
  std::vector<Owner> owners;
  std::map<RoomId, Slot> isolated{};  ///< rooms with a slot of their own

  /// Of a slot that the map does not have, nobody.
  const Owner& owner_of(Slot slot) const;
  /// The owner's shard; empty of nobody.
  const std::string& name_of(const Owner& owner) const;
  /// Where the room lies.
  Slot slot_of(RoomId room) const;
  bool operator==(const ShardMap&) const = default;
};

/// Version 1: the slots spread over the shards in contiguous ranges that differ by one at most.
/// There must be at least one shard.
ShardMap even_map(std::vector<std::string> shards);

}  // namespace respring::shardmap
