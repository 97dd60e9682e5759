#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "chat/ports/cache.h"
#include "contract/waiting.h"

/// What every cache must do.
namespace respring::testing {

struct CacheUnderTest {
  std::unique_ptr<chat::Cache> cache;
  /// Lets that much time pass for the cache.
  std::function<void(std::chrono::milliseconds)> pass;
};

struct CacheMaker {
  std::string name;
  std::function<CacheUnderTest()> make;
};

class CacheContract : public ::testing::TestWithParam<CacheMaker> {
 protected:
  void put(std::string key, std::string value, std::chrono::milliseconds life = kLong) {
    ASSERT_TRUE(wait_(under_test_.cache->put(std::move(key), std::move(value), life)));
  }
  std::string get(std::string key) { return text(wait_(under_test_.cache->get(std::move(key)))); }
  std::string take(std::string key) { return text(wait_(under_test_.cache->take(std::move(key)))); }

  static std::string text(const Result<std::optional<std::string>>& result) {
    EXPECT_TRUE(result);
    return result && result.value() ? *result.value() : "(none)";
  }

  static constexpr std::chrono::milliseconds kLong{60'000};
  CacheUnderTest under_test_ = GetParam().make();
  Waiting wait_;
};

TEST_P(CacheContract, GivesBackWhatWasPutLast) {
  EXPECT_EQ(get("a"), "(none)");
  put("a", "1");
  put("b", "2");
  put("a", std::string("\0\xFF 3", 4));
  EXPECT_EQ(get("a"), std::string("\0\xFF 3", 4));
  EXPECT_EQ(get("b"), "2");
  EXPECT_EQ(get("a"), std::string("\0\xFF 3", 4)) << "reading does not remove";
}

TEST_P(CacheContract, ForgetsWhenItsLifeIsOver) {
  put("short", "1", std::chrono::milliseconds(50));
  put("long", "2");
  under_test_.pass(std::chrono::milliseconds(60));
  EXPECT_EQ(get("short"), "(none)");
  EXPECT_EQ(take("short"), "(none)");
  EXPECT_EQ(get("long"), "2");
}

TEST_P(CacheContract, PuttingAgainBeginsANewLife) {
  put("a", "1", std::chrono::milliseconds(50));
  put("a", "2");
  under_test_.pass(std::chrono::milliseconds(60));
  EXPECT_EQ(get("a"), "2");
}

TEST_P(CacheContract, TakenOnceIsGone) {
  put("ticket", "1");
  EXPECT_EQ(take("ticket"), "1");
  EXPECT_EQ(take("ticket"), "(none)");
  EXPECT_EQ(get("ticket"), "(none)");
}

TEST_P(CacheContract, OnlyOneOfManyTakersGetsIt) {
  for (int round = 0; round < 20; ++round) {
    put("ticket", "1");
    std::atomic<int> got{0};
    std::vector<std::thread> takers;
    for (int i = 0; i < 4; ++i) {
      takers.emplace_back([this, &got] {
        Waiting wait;
        const auto result = wait(under_test_.cache->take("ticket"));
        if (result && result.value()) ++got;
      });
    }
    for (auto& taker : takers) taker.join();
    ASSERT_EQ(got, 1);
  }
}

TEST_P(CacheContract, ErasedIsGone) {
  put("a", "1");
  ASSERT_TRUE(wait_(under_test_.cache->erase("a")));
  ASSERT_TRUE(wait_(under_test_.cache->erase("a")));
  EXPECT_EQ(get("a"), "(none)");
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CacheContract);

}  // namespace respring::testing
