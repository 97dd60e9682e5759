#include "redis/pub_sub.h"

#include <gtest/gtest.h>

#include "contract/pub_sub/pub_sub_contract.h"
#include "contract/redis_server.h"

namespace respring::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Adapters, PubSubContract,
                         ::testing::Values(PubSubMaker{
                             "redis",
                             [] { return redis::make_pub_sub(redis_options(own_redis())); }}),
                         [](const auto& maker) { return maker.param.name; });

std::shared_ptr<const std::string> payload(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// Publishes until it arrives: what is published while a connection is away is lost, and that is
/// right.
bool arrives(chat::PubSub& from, const std::string& channel, Inbox& inbox,
             const std::string& text) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    from.publish(channel, payload(text));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto got = inbox.first(0);
    if (std::find(got.begin(), got.end(), text) != got.end()) return true;
  }
  return false;
}

TEST(RedisPubSub, NodesHearEachOther) {
  const auto one = redis::make_pub_sub(redis_options(own_redis()));
  const auto two = redis::make_pub_sub(redis_options(own_redis()));
  Inbox inbox;
  const auto subscription = one->subscribe("nodes", inbox.handler());
  ASSERT_TRUE(arrives(*two, "nodes", inbox, "begin"));
  const auto before = inbox.first(0).size();
  for (int i = 0; i < 2000; ++i) two->publish("nodes", payload(std::to_string(i)));
  auto got = inbox.first(before + 2000);
  ASSERT_GE(got.size(), before + 2000);
  got.erase(got.begin(), got.end() - 2000);
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST(RedisPubSub, AnyBytesAndLargeOnes) {
  const auto pub_sub = redis::make_pub_sub(redis_options(own_redis()));
  Inbox inbox;
  const auto subscription = pub_sub->subscribe(std::string("c\0\r\n한", 7), inbox.handler());
  std::string large(300'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 + i / 257);
  pub_sub->publish(std::string_view("c\0\r\n한", 7), payload(large));
  pub_sub->publish(std::string_view("c\0\r\n한", 7), payload(""));
  const auto got = inbox.first(2);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_TRUE(got[0] == large);
  EXPECT_EQ(got[1], "");
}

TEST(RedisPubSub, LeavingAndComingBackAtOnceStillListens) {
  const auto pub_sub = redis::make_pub_sub(redis_options(own_redis()));
  for (int round = 0; round < 200; ++round) {
    {
      const auto gone = pub_sub->subscribe("again", [](auto) {});
    }
    Inbox inbox;
    const auto subscription = pub_sub->subscribe("again", inbox.handler());
    pub_sub->publish("again", payload("x"));
    ASSERT_EQ(inbox.first(1), Texts{"x"}) << round;
  }
}

TEST(RedisPubSub, AfterARestartEveryChannelIsHeardAgain) {
  stack::PrivateServer server("redis");
  const auto here = redis::make_pub_sub(redis_options(server));
  const auto there = redis::make_pub_sub(redis_options(server));
  Inbox inboxes[20];
  std::vector<std::unique_ptr<chat::PubSub::Subscription>> subscriptions;
  for (int i = 0; i < 20; ++i)
    subscriptions.push_back(here->subscribe("room:" + std::to_string(i), inboxes[i].handler()));
  ASSERT_TRUE(arrives(*there, "room:0", inboxes[0], "before"));
  for (int round = 0; round < 2; ++round) {
    server.kill();
    // Changes while there is no server count too.
    subscriptions[5] = here->subscribe("room:5", inboxes[5].handler());
    here->publish("room:0", payload("lost"));
    server.start();
    const std::string text = "after " + std::to_string(round);
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(arrives(*there, "room:" + std::to_string(i), inboxes[i], text)) << i;
  }
  // Publishing and hearing are two connections, which come back each in their time.
  EXPECT_TRUE(arrives(*here, "room:0", inboxes[0], "at last"));
  EXPECT_EQ(here->status().state, health::State::ok);
}

TEST(RedisPubSub, AServerThatAnswersNothingIsLeftAndFoundAgain) {
  stack::PrivateServer server("redis");
  auto options = redis_options(server);
  options.command_timeout = options.connect_timeout = std::chrono::milliseconds(300);
  options.ping_after = std::chrono::milliseconds(200);
  const auto pub_sub = redis::make_pub_sub(options);
  Inbox inbox;
  const auto subscription = pub_sub->subscribe("a", inbox.handler());
  ASSERT_TRUE(arrives(*pub_sub, "a", inbox, "before"));
  server.pause();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (pub_sub->status().state == health::State::ok && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(pub_sub->status().state, health::State::degraded);
  EXPECT_NE(pub_sub->status().reason.find("redis://127.0.0.1"), std::string::npos);
  server.resume();
  EXPECT_TRUE(arrives(*pub_sub, "a", inbox, "after"));
}

TEST(RedisPubSub, ASubscriptionMayOutliveIt) {
  auto pub_sub = redis::make_pub_sub(redis_options(own_redis()));
  auto subscription = pub_sub->subscribe("a", [](auto) {});
  pub_sub.reset();
  subscription.reset();
}

TEST(RedisPubSub, MayEndAfterItsLoop) {
  async::IoPool loop(1);
  auto options = redis_options(own_redis());
  options.executor = loop.at(0).get_executor();
  loop.start();
  const auto pub_sub = redis::make_pub_sub(options);
  Inbox inbox;
  const auto subscription = pub_sub->subscribe("a", inbox.handler());
  pub_sub->publish("a", payload("x"));
  EXPECT_EQ(inbox.first(1), Texts{"x"});
  loop.stop();
  pub_sub->publish("a", payload("y"));
}

}  // namespace
}  // namespace respring::testing
