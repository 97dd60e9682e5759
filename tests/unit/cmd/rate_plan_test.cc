#include "respring/bench/rate_plan.h"

#include <gtest/gtest.h>

namespace respring::cmd {
namespace {

TEST(RatePlan, SteadyThingsAreDueAtTheSameDistance) {
  const RatePlan plan = RatePlan::steady(4, 2);
  for (int number = 0; number < 8; ++number) {
    const auto due = plan.due(number);
    ASSERT_TRUE(due) << number;
    EXPECT_NEAR(*due, number * 0.25, 1e-9);
  }
  EXPECT_FALSE(plan.due(8));
  EXPECT_EQ(plan.seconds(), 2);
}

TEST(RatePlan, ARisingRateComesToItsTarget) {
  const RatePlan plan({{10, 10}});  // 50 of them: x² / 2
  EXPECT_NEAR(plan.due(0).value(), 0, 1e-9);
  EXPECT_NEAR(plan.due(2).value(), 2, 1e-9);
  EXPECT_NEAR(plan.due(32).value(), 8, 1e-9);
  EXPECT_TRUE(plan.due(49));
  EXPECT_FALSE(plan.due(50));
  EXPECT_NEAR(plan.at(5), 5, 1e-9);
  EXPECT_NEAR(plan.at(99), 10, 1e-9);
}

TEST(RatePlan, GoesFromStageToStageWithoutALeap) {
  const RatePlan plan({{1, 0}, {3, 4}, {3, 2}, {0, 6}});  // 8, 6 and 9
  double before = -1;
  for (int number = 0; number < 23; ++number) {
    const auto due = plan.due(number);
    ASSERT_TRUE(due) << number;
    EXPECT_GT(*due, before);
    EXPECT_LT(*due - before, 2.5) << number;
    before = *due;
  }
  EXPECT_FALSE(plan.due(23));
  EXPECT_EQ(plan.count(), 23);
  EXPECT_NEAR(plan.due(8).value(), 4, 1e-9);
  EXPECT_NEAR(plan.due(14).value(), 6, 1e-9);
  EXPECT_NEAR(plan.at(9), 1.5, 1e-9);
}

TEST(RatePlan, OfNothingHasNothingDue) {
  EXPECT_FALSE(RatePlan().due(0));
  EXPECT_FALSE(RatePlan::steady(0, 10).due(0));
  EXPECT_EQ(RatePlan().seconds(), 0);
}

}  // namespace
}  // namespace respring::cmd
