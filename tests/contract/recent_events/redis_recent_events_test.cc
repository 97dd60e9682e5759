#include "redis/recent_events.h"

#include "contract/recent_events/recent_events_contract.h"
#include "contract/redis_server.h"

namespace respring::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Adapters, RecentEventsContract,
                         ::testing::Values(RecentEventsMaker{
                             "redis", [] { return redis::make_recent_events(empty_redis()); }}),
                         [](const auto& maker) { return maker.param.name; });

TEST(RedisRecentEvents, NodesShareItAndItGoesByItself) {
  Waiting wait;
  const auto client = empty_redis();
  const auto one = redis::make_recent_events(client);
  const auto two =
      redis::make_recent_events(std::make_shared<redis::Client>(redis_options(own_redis())));
  one->add(event_of(RoomId{1}, 1, 1, "{}"));
  one->add(event_of(RoomId{1}, 1, 2, "{}"));
  ASSERT_TRUE(wait(one->find(RoomId{1}, 1, 0, 2)).value()) << "what was added before is there";
  EXPECT_TRUE(wait(two->find(RoomId{1}, 1, 0, 2)).value());
  const auto life = wait(client->call({"PTTL", "rs:recent:1"}));
  EXPECT_GT(life.value().integer, 0);
  EXPECT_LE(life.value().integer, 60'000);
}

TEST(RedisRecentEvents, AnythingElseUnderItsNameIsNoEvent) {
  Waiting wait;
  const auto client = empty_redis();
  const auto recent = redis::make_recent_events(client);
  std::vector<std::string> words = {"RPUSH", "rs:recent:1", "0 1 1 1 0 0\n{}", "0 1 1 3 0 0\n{}"};
  ASSERT_TRUE(wait(client->call(words)));
  EXPECT_FALSE(wait(recent->find(RoomId{1}, 1, 1, 3)).value()) << "2 and 3 are not both there";
  words = {"RPUSH", "rs:recent:1", "nonsense"};
  ASSERT_TRUE(wait(client->call(words)));
  EXPECT_FALSE(wait(recent->find(RoomId{1}, 1, 2, 3)).value());
}

TEST(RedisRecentEvents, WithoutAServerNothingWaits) {
  Waiting wait;
  auto options = redis_options(own_redis());
  options.address.port = 1;  // nobody listens there
  options.command_timeout = std::chrono::milliseconds(200);
  const auto recent = redis::make_recent_events(std::make_shared<redis::Client>(options));
  const auto begun = std::chrono::steady_clock::now();
  for (Seq seq = 1; seq <= 1000; ++seq) recent->add(event_of(RoomId{1}, 1, seq, "{}"));
  EXPECT_FALSE(wait(recent->find(RoomId{1}, 1, 0, 1)));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
}  // namespace respring::testing
