#pragma once

#include <memory>
#include <string>
#include <vector>

#include "respring/site.h"
#include "shardmap/shard_map.h"
#include "store/inspect.h"

namespace respring::cmd {

/// Read-only connections to every shard of a site, which a server may work with meanwhile.
class Shards {
 public:
  /// `conflict` when a schema is not this program's. The site must outlive this: the blob store is
  /// opened by whoever first needs something of the archive.
  static Result<Shards> open(const Site& site);

  struct Shard {
    std::string name;
    std::unique_ptr<sql::Connection> connection;
  };
  std::vector<Shard>& all() { return shards_; }
  const shardmap::ShardMap& map() const { return map_; }
  /// Events of its rooms that are not in the shards any more.
  store::ArchivedSegments& archive() { return *archive_; }
  store::RoomKey key_of(RoomId room) const { return {map_.slot_of(room), room}; }
  /// The shard that the map gives this room to.
  Shard& of(const store::RoomKey& key) {
    return shards_[static_cast<std::size_t>(map_.owner_of(key.slot).shard)];
  }
  /// Whether its rows on that shard are the room's: others are left over from a move.
  bool are_valid(const store::RoomKey& key, std::int32_t shard) const {
    return map_.slot_of(key.room) == key.slot && map_.owner_of(key.slot).shard == shard;
  }

 private:
  std::vector<Shard> shards_;
  shardmap::ShardMap map_;
  std::unique_ptr<store::ArchivedSegments> archive_;
};

/// A room with where it lies. `not_found` when no shard has it.
struct FoundRoom {
  store::RoomEntry entry;
  Shards::Shard* shard = nullptr;
};
Result<FoundRoom> find_room(Shards& shards, RoomId room);

/// A shard's failure with its name, for people.
Error in_shard(const std::string& shard, const sql::Failure& failure);
Error in_shard(const std::string& shard, Error error);

}  // namespace respring::cmd
