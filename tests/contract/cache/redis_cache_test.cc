#include <gtest/gtest.h>

#include "contract/cache/cache_contract.h"
#include "contract/redis_server.h"
#include "redis/cache.h"

namespace respring::testing {
namespace {

CacheUnderTest made() {
  return {redis::make_cache(empty_redis()), [](auto ms) { std::this_thread::sleep_for(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, CacheContract, ::testing::Values(CacheMaker{"redis", made}),
                         [](const auto& maker) { return maker.param.name; });

TEST(RedisCache, RefusesWhatIsTooLargeAndForgetsALifeThatIsOver) {
  Waiting wait;
  const auto cache = redis::make_cache(empty_redis());
  const std::string huge(2 * 1024 * 1024, 'x');
  const auto refused = wait(cache->put("a", huge, std::chrono::seconds(60)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  EXPECT_FALSE(wait(cache->put(huge, "a", std::chrono::seconds(60))));
  ASSERT_TRUE(wait(cache->put("a", "1", std::chrono::seconds(60))));
  ASSERT_TRUE(wait(cache->put("a", "2", std::chrono::milliseconds(0))));
  EXPECT_FALSE(wait(cache->get("a")).value());
}

TEST(RedisCache, AValueOfAMegabyteComesBackWhole) {
  Waiting wait;
  const auto cache = redis::make_cache(empty_redis());
  std::string large(1024 * 1024, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 251);
  ASSERT_TRUE(wait(cache->put("a", large, std::chrono::seconds(60))));
  EXPECT_TRUE(wait(cache->get("a")).value() == large);
}

}  // namespace
}  // namespace respring::testing
