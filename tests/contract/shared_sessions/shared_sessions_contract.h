#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "chat/ports/shared_sessions.h"
#include "contract/waiting.h"

/// What every memory of shared sessions must do.
namespace respring::testing {

struct SharedSessionsUnderTest {
  std::unique_ptr<chat::SharedSessions> sessions;
  /// Lets that much time pass for it.
  std::function<void(std::chrono::milliseconds)> pass;
};

struct SharedSessionsMaker {
  std::string name;
  std::function<SharedSessionsUnderTest()> make;
};

inline chat::Session session_of(std::int64_t id, UserId user = UserId{7}) {
  chat::Session session;
  session.id = SessionId{id};
  session.user = user;
  session.device = "민지의 전화 \"1\"\n2";
  session.created_at = from_ms(1'790'000'000'001);
  session.last_used_at = from_ms(1'790'000'000'002);
  session.expires_at = from_ms(1'790'000'000'003);
  return session;
}

inline std::string hash_of(std::int64_t id) {
  std::string hash(32, '\0');
  for (std::size_t i = 0; i < hash.size(); ++i)
    hash[i] = static_cast<char>(static_cast<std::size_t>(id) * 31 + i * 7);
  return hash;
}

class SharedSessionsContract : public ::testing::TestWithParam<SharedSessionsMaker> {
 protected:
  using Put = chat::SharedSessions::Put;
  using Ticket = chat::SharedSessions::Ticket;

  Ticket ask(std::int64_t id) {
    auto found = wait_(sessions().find(hash_of(id)));
    EXPECT_TRUE(found);
    EXPECT_FALSE(found && found.value().session);
    return found ? std::move(found).value().ticket : Ticket{};
  }
  Put put(Ticket ticket, const chat::Session& session) {
    const auto done = wait_(sessions().put(std::move(ticket), hash_of(session.id.value), session));
    EXPECT_TRUE(done);
    return done ? done.value() : Put::dropped;
  }
  void keep(const chat::Session& session) {
    ASSERT_EQ(put(ask(session.id.value), session), Put::kept);
  }
  bool knows(std::int64_t id) {
    const auto found = wait_(sessions().find(hash_of(id)));
    EXPECT_TRUE(found);
    return found && found.value().session;
  }
  void end(std::vector<SessionId> which) { ASSERT_TRUE(wait_(sessions().end(std::move(which)))); }
  void bar(UserId user) { ASSERT_TRUE(wait_(sessions().bar(user))); }
  void pass(std::chrono::milliseconds time) { under_test_.pass(time); }
  chat::SharedSessions& sessions() { return *under_test_.sessions; }

  static constexpr chat::SharedSessionLives kLives{};
  static constexpr std::chrono::milliseconds kMoment{1};
  SharedSessionsUnderTest under_test_ = GetParam().make();
  Waiting wait_;
};

TEST_P(SharedSessionsContract, GivesBackTheWholeSession) {
  const chat::Session session = session_of(1);
  keep(session);
  const auto found = wait_(sessions().find(hash_of(1)));
  ASSERT_TRUE(found && found.value().session);
  const chat::Session& back = *found.value().session;
  EXPECT_EQ(back.id, session.id);
  EXPECT_EQ(back.user, session.user);
  EXPECT_EQ(back.device, session.device);
  EXPECT_EQ(back.created_at, session.created_at);
  EXPECT_EQ(back.last_used_at, session.last_used_at);
  EXPECT_EQ(back.expires_at, session.expires_at);
  EXPECT_FALSE(knows(2));
}

TEST_P(SharedSessionsContract, AnEntryLivesFromTheQuestionOn) {
  const Ticket ticket = ask(1);
  pass(kLives.asking);
  EXPECT_EQ(put(ticket, session_of(1)), Put::kept);
  pass(kLives.entry - kLives.asking - kMoment);
  EXPECT_TRUE(knows(1));
  pass(2 * kMoment);
  EXPECT_FALSE(knows(1));
}

TEST_P(SharedSessionsContract, AnEndRemovesTheEntryAndOnlyThat) {
  keep(session_of(1));
  keep(session_of(2));
  end({SessionId{1}, SessionId{99}});
  EXPECT_FALSE(knows(1));
  EXPECT_TRUE(knows(2));
}

TEST_P(SharedSessionsContract, AnEndBetweenQuestionAndAnswerWins) {
  const Ticket ticket = ask(1);
  end({SessionId{1}});
  EXPECT_EQ(put(ticket, session_of(1)), Put::ended);
  EXPECT_FALSE(knows(1));
}

TEST_P(SharedSessionsContract, AnAnswerFromAnOlderMemoryDoesNotBringItBack) {
  end({SessionId{1}});
  // A node of the user role that has not heard of the end may still say that it lives.
  for (const auto wait : {0, 15'000, 15'000, 30'000}) {
    pass(std::chrono::milliseconds(wait));
    EXPECT_EQ(put(ask(1), session_of(1)), Put::ended);
    EXPECT_FALSE(knows(1));
  }
}

TEST_P(SharedSessionsContract, AnAnswerThatComesAfterTheMarkIsGoneComesTooLate) {
  const Ticket ticket = ask(1);
  end({SessionId{1}});
  pass(kLives.ended + kMoment);
  EXPECT_EQ(put(ticket, session_of(1)), Put::dropped);
  EXPECT_FALSE(knows(1));
}

TEST_P(SharedSessionsContract, AnAnswerThatTookTooLongIsNotKept) {
  const Ticket ticket = ask(1);
  pass(kLives.asking + kMoment);
  EXPECT_EQ(put(ticket, session_of(1)), Put::dropped);
  EXPECT_FALSE(knows(1));
  EXPECT_EQ(put(Ticket{}, session_of(1)), Put::dropped) << "nobody asked";
  EXPECT_EQ(put(Ticket{"nonsense"}, session_of(1)), Put::dropped);
}

TEST_P(SharedSessionsContract, ABarredUserHasNoSessionsUntilHeIsLetInAgain) {
  const UserId minji{7};
  const UserId youngho{8};
  keep(session_of(1, minji));
  keep(session_of(2, youngho));
  const Ticket under_way = ask(3);
  bar(minji);
  EXPECT_FALSE(knows(1));
  EXPECT_TRUE(knows(2));
  EXPECT_EQ(put(under_way, session_of(3, minji)), Put::ended);
  EXPECT_EQ(put(ask(1), session_of(1, minji)), Put::ended);
  ASSERT_TRUE(wait_(sessions().unbar(minji)));
  EXPECT_EQ(put(ask(1), session_of(1, minji)), Put::kept);
  EXPECT_TRUE(knows(1));
}

TEST_P(SharedSessionsContract, ManyEndAtOnce) {
  std::vector<SessionId> all;
  for (int i = 1; i <= 1200; ++i) all.push_back(SessionId{i});
  for (const int id : {1, 600, 1200}) keep(session_of(id));
  end(all);
  for (const int id : {1, 600, 1200}) {
    EXPECT_FALSE(knows(id));
    EXPECT_EQ(put(ask(id), session_of(id)), Put::ended);
  }
}

/// Nodes look up, ask and store as fast as they can while the session ends: whoever looks after
/// the end does not find it, in any order of events.
TEST_P(SharedSessionsContract, NobodyFindsItAfterItsEndHoweverTheyRace) {
  for (int round = 1; round <= 20; ++round) {
    std::atomic<bool> alive{true};  // what the user role's database says
    std::atomic<bool> stop{false};
    std::atomic<int> asked{0};
    std::vector<std::thread> nodes;
    for (int i = 0; i < 3; ++i) {
      nodes.emplace_back([&] {
        Waiting wait;
        while (!stop) {
          auto found = wait(sessions().find(hash_of(round)));
          if (!found || found.value().session) continue;
          const bool said = alive;
          ++asked;
          // Answers shall be on their way when the end comes.
          for (int n = 0; n < 2000 && alive; ++n) std::this_thread::yield();
          if (said)
            (void)wait(sessions().put(found.value().ticket, hash_of(round), session_of(round)));
        }
      });
    }
    while (asked == 0) std::this_thread::yield();
    alive = false;
    end({SessionId{round}});
    EXPECT_FALSE(knows(round));
    stop = true;
    for (auto& node : nodes) node.join();
    ASSERT_FALSE(knows(round)) << "round " << round;
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SharedSessionsContract);

}  // namespace respring::testing
