#include "contract/cache/cache_contract.h"
#include "contract/manual_time.h"
#include "local/cache.h"

namespace respring::testing {
namespace {

CacheUnderTest made(std::size_t max_entries, std::size_t max_bytes) {
  const auto time = std::make_shared<ManualTime>();
  local::CacheOptions options;
  options.max_entries = max_entries;
  options.max_bytes = max_bytes;
  options.now = [time] { return time->now(); };
  return {local::make_cache(std::move(options)), [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, CacheContract,
                         ::testing::Values(CacheMaker{"local", [] { return made(1000, 1 << 20); }}),
                         [](const auto& maker) { return maker.param.name; });

class LocalCache : public ::testing::Test {
 protected:
  bool has(chat::Cache& cache, std::string key) {
    return wait_(cache.get(std::move(key))).value().has_value();
  }
  void put(chat::Cache& cache, std::string key, std::string value) {
    ASSERT_TRUE(wait_(cache.put(std::move(key), std::move(value), std::chrono::minutes(1))));
  }
  Waiting wait_;
};

TEST_F(LocalCache, WhatWasUsedLongestAgoGoesFirst) {
  const auto made_one = made(3, 1 << 20);
  auto& cache = *made_one.cache;
  for (const char* key : {"a", "b", "c"}) put(cache, key, "1");
  EXPECT_TRUE(has(cache, "a"));
  put(cache, "d", "1");
  EXPECT_TRUE(has(cache, "a"));
  EXPECT_FALSE(has(cache, "b"));
  EXPECT_TRUE(has(cache, "c"));
  EXPECT_TRUE(has(cache, "d"));
}

TEST_F(LocalCache, HoldsNoMoreBytesThanItMay) {
  const auto made_one = made(1000, 1000);
  auto& cache = *made_one.cache;
  for (int i = 0; i < 100; ++i) put(cache, std::to_string(i), std::string(98, 'x'));
  int held = 0;
  for (int i = 0; i < 100; ++i) held += has(cache, std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(held, 10);
  put(cache, "huge", std::string(2000, 'x'));
  EXPECT_FALSE(has(cache, "huge"));
  put(cache, "small", "1");
  EXPECT_TRUE(has(cache, "small"));
}

}  // namespace
}  // namespace respring::testing
