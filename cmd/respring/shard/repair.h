#pragma once

#include <string>
#include <vector>

#include "respring/shard/shard_site.h"

namespace respring::cmd {

/// Carries out on the shards what the meta database decided about moves.
Result<std::size_t> settle_decided(ShardSite& site);

struct Repaired {
  std::string shard;
  shardmap::Slot slot;
  std::string what;
};
/// Puts right what can only be one thing, while no slot moves and none can begin to: a slot that
/// its owner by the map holds frozen or journals for no move is opened; a copy that belongs to no
/// move, and old rows that no move will clean although the owner is open, are deleted. Everything
/// else is left alone. `conflict` while a move runs.
Result<std::vector<Repaired>> repair_slots(ShardSite& site);

}  // namespace respring::cmd
