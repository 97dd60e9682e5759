#pragma once

#include <string>
#include <vector>

#include "respring/shard/shard_site.h"

namespace respring::cmd {

/// The shards as a reviewed file of shardmap/ names them. `invalid_request` with the line of what
/// is wrong.
Result<std::vector<store::ShardEntry>> read_map_file(const std::string& path);

struct MapChange {
  store::ShardEntry shard;  ///< as it will be
  std::string what;         ///< for people
};
/// What the file changes. `conflict` when a shard that is left out has slots, `not_found` when one
/// that is added is not configured.
Result<std::vector<MapChange>> changes_of(const std::vector<store::ShardEntry>& wanted,
                                          const std::vector<store::ShardEntry>& known,
                                          const shardmap::ShardMap& map,
                                          const std::vector<std::string>& configured);

/// Its schema is current and every slot has its row, so that slots can go there.
Result<void> prepare_shard(ShardSite& site, const std::string& name);

}  // namespace respring::cmd
