#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "shardmap/shard_map.h"

namespace respring::rebalance {

struct ShardLoad {
  std::string name;
  std::int64_t weight = 1;    ///< its share; 0: it is to be emptied
  std::int64_t capacity = 0;  ///< bytes; 0: unknown. At most 90 % of it is filled
  std::int64_t bytes = 0;     ///< it takes now; what is moved away frees none of them at once
};

struct SlotLoad {
  shardmap::Slot slot;
  std::int32_t shard = 0;  ///< index of its owner
  std::int64_t cost = 1;   ///< above 0
  std::int64_t bytes = 0;  ///< it will take where it goes
};

struct PlannedMove {
  shardmap::Slot slot;
  std::int32_t from = 0;
  std::int32_t to = 0;
  std::int64_t cost = 0;
  bool operator==(const PlannedMove&) const = default;
};

struct Options {
  double threshold = 0.10;  ///< of the average: differences up to this are left alone
  std::size_t most_moves = 100'000;
};

struct Plan {
  std::vector<PlannedMove> moves;
  std::vector<std::int32_t> full;  ///< shards that would have got more if they had space for it
  std::int64_t stranded = 0;       ///< slots of shards of weight 0 that find no space anywhere
};

/// From the most to the least used shard, the largest slot that fits first. Emptying a shard of
/// weight 0 goes before everything else. Same input, same plan; after it, an empty one. No shard is
/// filled beyond its capacity.
Plan plan(const std::vector<ShardLoad>& shards, const std::vector<SlotLoad>& slots,
          const Options& options);

/// What a shard carries for its weight, by shard; the greatest number where the weight is 0 and
/// there is something.
std::vector<double> usage_of(const std::vector<ShardLoad>& shards,
                             const std::vector<SlotLoad>& slots);

/// A plan as it is reviewed and kept in a file.
struct PlanFile {
  struct Move {
    shardmap::Slot slot;
    std::string from;
    std::string to;
    shardmap::Epoch epoch = 0;
  };
  std::int64_t map_version = 0;
  std::vector<Move> moves;
};
std::string to_json(const PlanFile& file);
/// `invalid_request` for anything else.
Result<PlanFile> plan_from(std::string_view text);
/// `conflict` with the reason when the map is not the one the plan was made for.
Result<void> check_current(const PlanFile& file, const shardmap::ShardMap& map);

}  // namespace respring::rebalance
