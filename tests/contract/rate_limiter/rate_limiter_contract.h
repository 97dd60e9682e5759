#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "chat/ports/rate_limiter.h"
#include "contract/waiting.h"

/// What every rate limiter must do.
namespace respring::testing {

struct RateLimiterUnderTest {
  std::unique_ptr<chat::RateLimiter> limiter;
  std::function<void(std::chrono::milliseconds)> pass;
};

struct RateLimiterMaker {
  std::string name;
  std::function<RateLimiterUnderTest()> make;
};

class RateLimiterContract : public ::testing::TestWithParam<RateLimiterMaker> {
 protected:
  chat::RateDecision take(std::string key, chat::RateLimit limit) {
    return wait_(under_test_.limiter->take(std::move(key), limit));
  }
  /// How many of `times` in a row are allowed.
  int allowed(const std::string& key, chat::RateLimit limit, int times) {
    int count = 0;
    for (int i = 0; i < times; ++i) count += take(key, limit).allowed ? 1 : 0;
    return count;
  }

  RateLimiterUnderTest under_test_ = GetParam().make();
  Waiting wait_;
};

TEST_P(RateLimiterContract, AllowsTheBurstThenNothing) {
  EXPECT_EQ(allowed("anna", {1, 5}, 20), 5);
  const auto refused = take("anna", {1, 5});
  EXPECT_FALSE(refused.allowed);
  EXPECT_GT(refused.retry_after.count(), 0);
  EXPECT_LE(refused.retry_after.count(), 1000);
}

TEST_P(RateLimiterContract, RefillsAtItsRateUpToTheBurst) {
  EXPECT_EQ(allowed("anna", {10, 5}, 20), 5);
  under_test_.pass(std::chrono::milliseconds(310));
  EXPECT_EQ(allowed("anna", {10, 5}, 20), 3);
  under_test_.pass(std::chrono::seconds(3));
  EXPECT_EQ(allowed("anna", {10, 5}, 20), 5);
}

TEST_P(RateLimiterContract, RetryAfterIsWhenItIsAllowedAgain) {
  EXPECT_EQ(allowed("anna", {4, 1}, 5), 1);
  const auto refused = take("anna", {4, 1});
  ASSERT_FALSE(refused.allowed);
  under_test_.pass(refused.retry_after);
  EXPECT_TRUE(take("anna", {4, 1}).allowed);
}

TEST_P(RateLimiterContract, KeysDoNotDisturbEachOther) {
  EXPECT_EQ(allowed("anna", {1, 3}, 10), 3);
  EXPECT_EQ(allowed("ben", {1, 3}, 10), 3);
}

TEST_P(RateLimiterContract, OffAllowsEverything) { EXPECT_EQ(allowed("anna", {0, 0}, 1000), 1000); }

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RateLimiterContract);

}  // namespace respring::testing
