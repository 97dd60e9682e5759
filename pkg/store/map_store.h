#pragma once

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

}  // namespace respring::store
