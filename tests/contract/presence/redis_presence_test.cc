#include <gtest/gtest.h>

#include "contract/manual_time.h"
#include "contract/presence/presence_contract.h"
#include "contract/redis_server.h"
#include "redis/presence.h"

namespace respring::testing {
namespace {

PresenceUnderTest made() {
  const auto time = std::make_shared<ManualTime>();
  redis::ServerTime now = [time] {
    return std::chrono::duration_cast<std::chrono::microseconds>(time->now().time_since_epoch());
  };
  return {redis::make_presence(empty_redis(), std::move(now)), [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, PresenceContract,
                         ::testing::Values(PresenceMaker{"redis", made}),
                         [](const auto& maker) { return maker.param.name; });

TEST(RedisPresence, GoesByTheServersClock) {
  Waiting wait;
  const UserId anna{1};
  const auto presence = redis::make_presence(empty_redis());
  EXPECT_TRUE(wait(presence->enter(anna, "phone", std::chrono::minutes(5))).value());
  EXPECT_FALSE(wait(presence->enter(anna, "desk", std::chrono::milliseconds(1))).value());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(wait(presence->online({anna})).value().size(), 1U);
  EXPECT_TRUE(wait(presence->leave(anna, "phone")).value()) << "the other one's life is over";
  EXPECT_TRUE(wait(presence->online({anna})).value().empty());
}

TEST(RedisPresence, NodesSeeEachOther) {
  Waiting wait;
  const auto one = redis::make_presence(empty_redis());
  const auto two =
      redis::make_presence(std::make_shared<redis::Client>(redis_options(own_redis())));
  EXPECT_TRUE(wait(one->enter(UserId{7}, "a", std::chrono::minutes(1))).value());
  EXPECT_FALSE(wait(two->enter(UserId{7}, "b", std::chrono::minutes(1))).value());
  std::vector<UserId> many;
  for (int i = 1; i <= 1200; ++i) many.push_back(UserId{i});
  EXPECT_EQ(wait(two->online(many)).value(), std::vector<UserId>{UserId{7}});
}

}  // namespace
}  // namespace respring::testing
