#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chat/ports/presence.h"
#include "contract/waiting.h"

/// What every presence must do.
namespace respring::testing {

struct PresenceUnderTest {
  std::unique_ptr<chat::Presence> presence;
  std::function<void(std::chrono::milliseconds)> pass;
};

struct PresenceMaker {
  std::string name;
  std::function<PresenceUnderTest()> make;
};

class PresenceContract : public ::testing::TestWithParam<PresenceMaker> {
 protected:
  bool enter(UserId user, std::string connection, std::chrono::milliseconds life = kLong) {
    return wait_(under_test_.presence->enter(user, std::move(connection), life)).value();
  }
  bool leave(UserId user, std::string connection) {
    return wait_(under_test_.presence->leave(user, std::move(connection))).value();
  }
  bool online(UserId user) { return !wait_(under_test_.presence->online({user})).value().empty(); }

  static constexpr std::chrono::milliseconds kLong{60'000};
  static constexpr UserId kAnna{1};
  static constexpr UserId kBen{2};
  PresenceUnderTest under_test_ = GetParam().make();
  Waiting wait_;
};

TEST_P(PresenceContract, TheFirstConnectionComesOnlineTheLastGoesOffline) {
  EXPECT_FALSE(online(kAnna));
  EXPECT_TRUE(enter(kAnna, "phone"));
  EXPECT_FALSE(enter(kAnna, "desk"));
  EXPECT_FALSE(leave(kAnna, "phone"));
  EXPECT_TRUE(online(kAnna));
  EXPECT_TRUE(leave(kAnna, "desk"));
  EXPECT_FALSE(online(kAnna));
}

TEST_P(PresenceContract, TellsWhoOfTheseIsOnline) {
  enter(kBen, "phone");
  const auto some = wait_(under_test_.presence->online({kAnna, kBen, UserId{3}}));
  EXPECT_EQ(some.value(), std::vector<UserId>{kBen});
  EXPECT_TRUE(wait_(under_test_.presence->online({})).value().empty());
}

TEST_P(PresenceContract, AnEntryEndsUnlessItIsRenewed) {
  enter(kAnna, "phone", std::chrono::milliseconds(100));
  enter(kBen, "phone", std::chrono::milliseconds(100));
  under_test_.pass(std::chrono::milliseconds(80));
  EXPECT_FALSE(enter(kAnna, "phone", std::chrono::milliseconds(100))) << "he was online";
  under_test_.pass(std::chrono::milliseconds(40));
  EXPECT_TRUE(online(kAnna));
  EXPECT_FALSE(online(kBen));
  under_test_.pass(std::chrono::milliseconds(80));
  EXPECT_FALSE(online(kAnna));
  EXPECT_TRUE(enter(kAnna, "phone"));
}

TEST_P(PresenceContract, OneOfTwoConnectionsMayEnd) {
  enter(kAnna, "phone", std::chrono::milliseconds(50));
  enter(kAnna, "desk");
  under_test_.pass(std::chrono::milliseconds(60));
  EXPECT_TRUE(online(kAnna));
  EXPECT_TRUE(leave(kAnna, "desk"));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PresenceContract);

}  // namespace respring::testing
