#include "ops/move/schedule.h"

#include <gtest/gtest.h>

namespace respring::move {
namespace {

Scheduled one(std::int32_t slot, std::string source, std::string target) {
  return {shardmap::Slot{slot}, std::move(source), std::move(target)};
}

TEST(MoveSchedule, AShardTakesPartInOneMoveAtATime) {
  Schedule schedule({one(1, "a", "b"), one(2, "a", "c"), one(3, "c", "d")}, 1);
  EXPECT_EQ(schedule.width(), 2U);
  EXPECT_EQ(schedule.next(), 0U);
  EXPECT_EQ(schedule.next(), 2U) << "the one before it shares a shard with the first";
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_FALSE(schedule.all_begun());
  schedule.ended(2);
  EXPECT_EQ(schedule.next(), std::nullopt) << "its source is still busy";
  schedule.ended(0);
  EXPECT_EQ(schedule.next(), 1U);
  EXPECT_TRUE(schedule.all_begun());
}

TEST(MoveSchedule, MoreAtATimeWhenThatIsWanted) {
  Schedule schedule({one(1, "a", "b"), one(2, "a", "b"), one(3, "b", "a")}, 2);
  EXPECT_EQ(schedule.width(), 2U);
  EXPECT_EQ(schedule.next(), 0U);
  EXPECT_EQ(schedule.next(), 1U);
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(MoveSchedule, AnEmptyJobHasNothingToBegin) {
  Schedule schedule({}, 1);
  EXPECT_EQ(schedule.width(), 1U);
  EXPECT_TRUE(schedule.all_begun());
}

}  // namespace
}  // namespace respring::move
