#pragma once

#include <string>

#include "shardmap/shard_map.h"

namespace respring::cmd {

/// Every slot as a cell of 64 × 64, coloured by its shard, with a legend.
std::string svg_of(const shardmap::ShardMap& map);
/// A pie of how many slots each shard has.
std::string mermaid_of(const shardmap::ShardMap& map);

}  // namespace respring::cmd
