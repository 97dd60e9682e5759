#include <gtest/gtest.h>

#include "contract/manual_time.h"
#include "contract/redis_server.h"
#include "contract/shared_sessions/shared_sessions_contract.h"
#include "redis/shared_sessions.h"

namespace respring::testing {
namespace {

using Put = chat::SharedSessions::Put;

SharedSessionsUnderTest made() {
  const auto time = std::make_shared<ManualTime>();
  redis::ServerTime now = [time] {
    return std::chrono::duration_cast<std::chrono::microseconds>(time->now().time_since_epoch());
  };
  return {redis::make_shared_sessions(empty_redis(), {}, std::move(now)),
          [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, SharedSessionsContract,
                         ::testing::Values(SharedSessionsMaker{"redis", made}),
                         [](const auto& maker) { return maker.param.name; });

class RedisSharedSessions : public ::testing::Test {
 protected:
  redis::Reply command(std::vector<std::string> words) {
    auto reply = wait_(client_->call(std::move(words)));
    EXPECT_TRUE(reply);
    return reply ? std::move(reply).value() : redis::Reply{};
  }

  Waiting wait_;
  std::shared_ptr<redis::Client> client_ = empty_redis();
  std::unique_ptr<chat::SharedSessions> sessions_ = redis::make_shared_sessions(client_);
};

TEST_F(RedisSharedSessions, AServerThatForgotAnEndTakesNoAnswerFromBefore) {
  const auto ticket = wait_(sessions_->find(hash_of(1))).value().ticket;
  ASSERT_TRUE(wait_(sessions_->end({SessionId{1}})));
  command({"FLUSHALL"});
  EXPECT_EQ(wait_(sessions_->put(ticket, hash_of(1), session_of(1))).value(), Put::dropped);
  (void)wait_(sessions_->find(hash_of(2)));  // begins a new epoch
  EXPECT_EQ(wait_(sessions_->put(ticket, hash_of(1), session_of(1))).value(), Put::dropped);
  EXPECT_FALSE(wait_(sessions_->find(hash_of(1))).value().session);
}

TEST_F(RedisSharedSessions, NodesShareIt) {
  const auto other =
      redis::make_shared_sessions(std::make_shared<redis::Client>(redis_options(own_redis())));
  const auto ticket = wait_(sessions_->find(hash_of(1))).value().ticket;
  ASSERT_EQ(wait_(sessions_->put(ticket, hash_of(1), session_of(1))).value(), Put::kept);
  EXPECT_TRUE(wait_(other->find(hash_of(1))).value().session);
  ASSERT_TRUE(wait_(other->end({SessionId{1}})));
  EXPECT_FALSE(wait_(sessions_->find(hash_of(1))).value().session);
}

TEST_F(RedisSharedSessions, EverythingButTheEpochGoesByItself) {
  const auto ticket = wait_(sessions_->find(hash_of(1))).value().ticket;
  ASSERT_EQ(wait_(sessions_->put(ticket, hash_of(1), session_of(1))).value(), Put::kept);
  ASSERT_TRUE(wait_(sessions_->end({SessionId{2}})));
  ASSERT_TRUE(wait_(sessions_->bar(UserId{9})));
  const auto keys = command({"KEYS", "*"});
  EXPECT_EQ(keys.elements.size(), 5U);
  for (const auto& key : keys.elements) {
    if (key.text == "rs:session:epoch") continue;
    const auto life = command({"PTTL", key.text}).integer;
    EXPECT_GT(life, 0) << key.text;
    EXPECT_LE(life, 120'000) << key.text;
  }
}

TEST_F(RedisSharedSessions, AnEndLeavesNothingOfTheEntry) {
  const auto ticket = wait_(sessions_->find(hash_of(1))).value().ticket;
  ASSERT_EQ(wait_(sessions_->put(ticket, hash_of(1), session_of(1))).value(), Put::kept);
  ASSERT_TRUE(wait_(sessions_->end({SessionId{1}})));
  EXPECT_TRUE(command({"KEYS", "rs:session:token*"}).elements.empty());
}

TEST_F(RedisSharedSessions, AnEntryThatNobodyCanReadIsAnErrorAndNoSession) {
  std::string key;
  const auto ticket = wait_(sessions_->find(hash_of(1))).value().ticket;
  ASSERT_EQ(wait_(sessions_->put(ticket, hash_of(1), session_of(1))).value(), Put::kept);
  key = command({"KEYS", "rs:session:token:*"}).elements.at(0).text;
  command({"SET", key, "9999999999999999 1 7\n{\"id\":"});
  EXPECT_FALSE(wait_(sessions_->find(hash_of(1))));
  command({"SET", key, "no entry of ours"});
  EXPECT_FALSE(wait_(sessions_->find(hash_of(1))).value().session);
}

TEST(RedisSharedSessionsAway, EveryCallIsRefusedWithinItsTime) {
  Waiting wait;
  auto options = redis_options(own_redis());
  options.address.port = 1;  // nobody listens there
  options.command_timeout = std::chrono::milliseconds(200);
  const auto sessions = redis::make_shared_sessions(std::make_shared<redis::Client>(options));
  const auto begun = std::chrono::steady_clock::now();
  const auto found = wait(sessions->find(hash_of(1)));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::upstream_unavailable);
  EXPECT_FALSE(wait(sessions->end({SessionId{1}})));
  EXPECT_FALSE(wait(sessions->bar(UserId{1})));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
}  // namespace respring::testing
