#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "contract/manual_time.h"
#include "contract/rate_limiter/rate_limiter_contract.h"
#include "contract/redis_server.h"
#include "redis/rate_limiter.h"

namespace respring::testing {
namespace {

RateLimiterUnderTest made() {
  const auto time = std::make_shared<ManualTime>();
  redis::ServerTime now = [time] {
    return std::chrono::duration_cast<std::chrono::microseconds>(time->now().time_since_epoch());
  };
  return {redis::make_rate_limiter(empty_redis(), nullptr, std::move(now)),
          [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, RateLimiterContract,
                         ::testing::Values(RateLimiterMaker{"redis", made}),
                         [](const auto& maker) { return maker.param.name; });

class Counting final : public chat::RateLimiter {
 public:
  Task<chat::RateDecision> take(std::string, chat::RateLimit) override {
    co_return chat::RateDecision{++asked <= 2, std::chrono::milliseconds(5)};
  }
  int asked = 0;
};

TEST(RedisRateLimiter, NodesShareABucket) {
  const chat::RateLimit limit{1.0 / 3600, 10};  // by the server's clock
  empty_redis();
  std::atomic<int> allowed{0};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 3; ++i) {
    nodes.emplace_back([&] {
      Waiting wait;
      const auto limiter = redis::make_rate_limiter(
          std::make_shared<redis::Client>(redis_options(own_redis())), nullptr);
      for (int n = 0; n < 20; ++n) allowed += wait(limiter->take("anna", limit)).allowed ? 1 : 0;
    });
  }
  for (auto& node : nodes) node.join();
  EXPECT_EQ(allowed, 10);
}

TEST(RedisRateLimiter, AServerThatForgotTheScriptLearnsItAgain) {
  Waiting wait;
  const auto client = empty_redis();
  const auto limiter = redis::make_rate_limiter(client, nullptr);
  EXPECT_TRUE(wait(limiter->take("anna", {1, 5})).allowed);
  std::vector<std::string> forget = {"SCRIPT", "FLUSH"};
  ASSERT_TRUE(wait(client->call(std::move(forget))));
  EXPECT_TRUE(wait(limiter->take("anna", {1, 5})).allowed);
}

TEST(RedisRateLimiter, WithoutItsServerItIsNotOpen) {
  Waiting wait;
  stack::PrivateServer server("redis");
  auto options = redis_options(server);
  server.kill();
  options.connect_timeout = std::chrono::milliseconds(200);
  auto fallback = std::make_unique<Counting>();
  Counting* counting = fallback.get();
  const auto client = std::make_shared<redis::Client>(options);
  const auto limiter = redis::make_rate_limiter(client, std::move(fallback));
  EXPECT_TRUE(wait(limiter->take("anna", {1, 5})).allowed);
  EXPECT_TRUE(wait(limiter->take("anna", {1, 5})).allowed);
  EXPECT_FALSE(wait(limiter->take("anna", {1, 5})).allowed);
  EXPECT_EQ(counting->asked, 3);
  const auto strict = redis::make_rate_limiter(client, nullptr);
  const auto refused = wait(strict->take("anna", {1, 5}));
  EXPECT_FALSE(refused.allowed);
  EXPECT_GT(refused.retry_after.count(), 0);
}

}  // namespace
}  // namespace respring::testing
