#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shardmap/shard_map.h"
#include "sql/connection.h"

/// The shard map as the meta database keeps it: the one truth about which shard owns which slot.
namespace respring::store {

/// The stored map with its shards in the order of `shards`. Where there is none yet, the even one
/// of these shards is stored first. `other` with a sentence for the operator when the stored map
/// names a shard that is not among them: its rooms would be unreachable.
sql::Result<shardmap::ShardMap> load_or_create_map(sql::Connection& meta,
                                                   const std::vector<std::string>& shards);

/// The stored map if it is newer than `version`. A slot of a shard that is not among `shards` has
/// the owner -1: this process cannot reach its rooms.
sql::Result<std::optional<shardmap::ShardMap>> load_newer_map(
    sql::Connection& meta, const std::vector<std::string>& shards, std::int64_t version);

/// A shard as the meta database registers it.
struct ShardEntry {
  std::string name;
  std::int64_t weight = 1;    ///< its share of the load; 0: it is to be emptied
  std::string state;          ///< `ACTIVE`, or `RETIRED`: it gets no slots any more
  std::int64_t capacity = 0;  ///< bytes that it may hold; 0: not known
  bool operator==(const ShardEntry&) const = default;
};
/// By name.
sql::Result<std::vector<ShardEntry>> list_shards(sql::Connection& meta);
/// Adds it or changes its weight, state and capacity.
sql::Result<void> put_shard(sql::Connection& meta, const ShardEntry& shard);

}  // namespace respring::store
