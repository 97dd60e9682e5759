#include "ops/rebalance/plan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace respring::rebalance {
namespace {

struct World {
  std::vector<ShardLoad> shards;
  std::vector<SlotLoad> slots;
};

World any_world() {
  World world;
  const int shards = *rc::gen::inRange(1, 9);
  for (int i = 0; i < shards; ++i)
    world.shards.push_back({"s" + std::to_string(i), *rc::gen::inRange(0, 4), 0});
  const int slots = *rc::gen::inRange(0, 200);
  for (int i = 0; i < slots; ++i)
    world.slots.push_back({shardmap::Slot{i}, *rc::gen::inRange(0, shards),
                           *rc::gen::weightedOneOf<int>(
                               {{9, rc::gen::inRange(1, 50)}, {1, rc::gen::inRange(50, 5000)}})});
  return world;
}

void carry_out(World& world, const PlannedMove& move) {
  world.slots[static_cast<std::size_t>(move.slot.value)].shard = move.to;
}

RC_GTEST_PROP(RebalancePlan, EverySingleMoveImprovesTheBalance, ()) {
  auto world = any_world();
  for (const auto& move : plan(world.shards, world.slots, {}).moves) {
    const auto before = usage_of(world.shards, world.slots);
    carry_out(world, move);
    const auto after = usage_of(world.shards, world.slots);
    const auto from = static_cast<std::size_t>(move.from), to = static_cast<std::size_t>(move.to);
    RC_ASSERT(world.shards[to].weight > 0);
    RC_ASSERT(std::max(after[from], after[to]) <= before[from]);
    RC_ASSERT(after[to] < before[from]);
  }
}

RC_GTEST_PROP(RebalancePlan, TheSameLoadsGiveTheSamePlanAndNoSlotMovesTwice, ()) {
  const auto world = any_world();
  const auto first = plan(world.shards, world.slots, {}).moves;
  RC_ASSERT(first == plan(world.shards, world.slots, {}).moves);
  std::set<shardmap::Slot> moved;
  for (const auto& move : first) RC_ASSERT(moved.insert(move.slot).second);
}

RC_GTEST_PROP(RebalancePlan, AShardOfWeightZeroIsEmptied, ()) {
  auto world = any_world();
  const bool somewhere = std::ranges::any_of(world.shards, [](auto& s) { return s.weight > 0; });
  for (const auto& move : plan(world.shards, world.slots, {}).moves) carry_out(world, move);
  for (const auto& slot : world.slots)
    RC_ASSERT(!somewhere || world.shards[static_cast<std::size_t>(slot.shard)].weight > 0);
}

RC_GTEST_PROP(RebalancePlan, NoShardIsFilledBeyondItsSpaceAndWhatFindsNoneIsTold, ()) {
  auto world = any_world();
  for (auto& shard : world.shards) {
    shard.capacity = *rc::gen::inRange(0, 2000);
    shard.bytes = *rc::gen::inRange(0, 1000);
  }
  for (auto& slot : world.slots) slot.bytes = *rc::gen::inRange(0, 300);
  const auto made = plan(world.shards, world.slots, {});
  for (const auto& move : made.moves) {
    auto& target = world.shards[static_cast<std::size_t>(move.to)];
    target.bytes += world.slots[static_cast<std::size_t>(move.slot.value)].bytes;
    RC_ASSERT(target.capacity == 0 || target.bytes <= target.capacity - target.capacity / 10);
    carry_out(world, move);
  }
  const bool somewhere = std::ranges::any_of(world.shards, [](auto& s) { return s.weight > 0; });
  const auto on_retired = [&](const SlotLoad& slot) {
    return somewhere && world.shards[static_cast<std::size_t>(slot.shard)].weight == 0;
  };
  RC_ASSERT(made.stranded == std::ranges::count_if(world.slots, on_retired));
  RC_ASSERT(made.stranded == 0 || !made.full.empty());
}

TEST(RebalancePlan, ANewShardGetsItsShare) {
  World world{{{"a", 1, 0}, {"b", 1, 0}, {"c", 2, 0}}, {}};
  for (int i = 0; i < 4096; ++i) world.slots.push_back({shardmap::Slot{i}, i % 2, 10});
  for (const auto& move : plan(world.shards, world.slots, {}).moves) carry_out(world, move);
  const auto usage = usage_of(world.shards, world.slots);
  for (const double share : usage) EXPECT_NEAR(share, 10240, 10240 * 0.11);
}

TEST(RebalancePlan, WhatIsEvenEnoughStays) {
  World world{{{"a", 1, 0}, {"b", 1, 0}}, {}};
  for (int i = 0; i < 210; ++i) world.slots.push_back({shardmap::Slot{i}, i < 108 ? 0 : 1, 10});
  EXPECT_TRUE(plan(world.shards, world.slots, {}).moves.empty());
  EXPECT_FALSE(plan(world.shards, world.slots, {.threshold = 0}).moves.empty());
}

TEST(RebalancePlan, AFileIsReadBackAndRefusedForAnotherMap) {
  auto map = shardmap::even_map({"a", "b"});
  const PlanFile file{1, {{shardmap::Slot{7}, "a", "b", 1}}};
  const auto read = plan_from(to_json(file)).value();
  EXPECT_EQ(read.moves.at(0).slot.value, 7);
  EXPECT_TRUE(check_current(read, map));
  map.owners[7].epoch = 2;
  EXPECT_EQ(check_current(read, map).error().code, ErrorCode::conflict);
  map = shardmap::even_map({"a", "b"});
  map.version = 2;
  EXPECT_NE(check_current(read, map).error().detail.find("map version 1"), std::string::npos);
  for (
      const auto* text :
      {"", "[]", "{}", R"({"kind":"respring-plan","map_version":1})",
       R"({"kind":"respring-plan","map_version":1,"moves":[{"slot":8192,"from":"a","to":"b","epoch":1}]})"})
    EXPECT_FALSE(plan_from(text)) << text;
}

}  // namespace
}  // namespace respring::rebalance
