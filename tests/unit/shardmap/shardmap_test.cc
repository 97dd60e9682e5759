#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "shardmap/shard_map.h"

namespace respring::shardmap {
namespace {

// Computed with libxxhash 0.8.1 from the 8 bytes. If one of these ever
// changes, every room of every installation would be looked for in the wrong place.
TEST(Slot, IsTheSameForEver) {
  EXPECT_EQ(hashed_slot_of(RoomId{1}).value, 763);
  EXPECT_EQ(hashed_slot_of(RoomId{2}).value, 520);
  EXPECT_EQ(hashed_slot_of(RoomId{42}).value, 3418);
  EXPECT_EQ(hashed_slot_of(RoomId{913'774'558'612'951'040}).value, 1718);
  EXPECT_EQ(hashed_slot_of(RoomId{9'223'372'036'854'775'807}).value, 2595);
}

TEST(Slot, SpreadsConsecutiveIds) {
  std::set<std::int32_t> seen;
  for (std::int64_t id = 1; id <= 100'000; ++id) {
    const auto slot = hashed_slot_of(RoomId{id}).value;
    ASSERT_GE(slot, 0);
    ASSERT_LT(slot, kHashedSlots);
    seen.insert(slot);
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kHashedSlots));
}

TEST(ShardMap, StartsEven) {
  for (const std::size_t shards : {1U, 2U, 3U, 7U}) {
    const auto map = even_map(std::vector<std::string>(shards, "s"));
    std::vector<std::size_t> counts(shards);
    for (const auto& owner : map.owners) {
      EXPECT_EQ(owner.epoch, 1);
      ++counts.at(static_cast<std::size_t>(owner.shard));
    }
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    EXPECT_LE(*most - *least, 1U) << shards << " shards";
  }
}

TEST(ShardMap, ARoomLiesWhereItsIdHashesToUnlessItWasIsolated) {
  auto map = even_map({"a", "b"});
  EXPECT_EQ(map.slot_of(RoomId{42}).value, 3418);
  EXPECT_EQ(map.owner_of(Slot{kHashedSlots}).shard, -1) << "nobody's";
  map.owners.push_back({0, 7});
  map.isolated[RoomId{42}] = Slot{kHashedSlots};
  EXPECT_EQ(map.slot_of(RoomId{42}).value, kHashedSlots);
  EXPECT_EQ(map.owner_of(map.slot_of(RoomId{42})), (ShardMap::Owner{0, 7}));
  EXPECT_EQ(map.slot_of(RoomId{1}).value, 763) << "others stay";
}

}  // namespace
}  // namespace respring::shardmap
