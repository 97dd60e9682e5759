#include "contract/manual_time.h"
#include "contract/rate_limiter/rate_limiter_contract.h"
#include "local/rate_limiter.h"

namespace respring::testing {
namespace {

RateLimiterUnderTest made(std::size_t max_buckets) {
  const auto time = std::make_shared<ManualTime>();
  local::RateLimiterOptions options;
  options.max_buckets = max_buckets;
  options.now = [time] { return time->now(); };
  return {local::make_rate_limiter(std::move(options)), [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, RateLimiterContract,
                         ::testing::Values(RateLimiterMaker{"local", [] { return made(1000); }}),
                         [](const auto& maker) { return maker.param.name; });

TEST(LocalRateLimiter, LosesNothingByRounding) {
  Waiting wait;
  auto made_one = made(1000);
  const chat::RateLimit limit{3, 1};  // an interval that no binary fraction holds
  int allowed = 0;
  for (int i = 0; i < 100'000; ++i) {  // 100 s in steps of a millisecond
    allowed += wait(made_one.limiter->take("a", limit)).allowed ? 1 : 0;
    made_one.pass(std::chrono::milliseconds(1));
  }
  EXPECT_GE(allowed, 299);
  EXPECT_LE(allowed, 301);
}

TEST(LocalRateLimiter, ManyKeysDoNotFreeTheOneThatIsUsedUp) {
  Waiting wait;
  auto made_one = made(1600);
  for (int i = 0; i < 1000; ++i) wait(made_one.limiter->take("greedy", {0.1, 10}));
  for (int i = 0; i < 20'000; ++i) wait(made_one.limiter->take(std::to_string(i), {0.1, 10}));
  EXPECT_FALSE(wait(made_one.limiter->take("greedy", {0.1, 10})).allowed);
}

}  // namespace
}  // namespace respring::testing
