#include "role_world.h"

// What the user role does for the others.
namespace respring::roles {
namespace {

class AccountsRole : public RoleTest {
 protected:
  UserId person(const std::string& handle) {
    user::NewAccount account{handle, "사람 " + handle, Secret<std::string>("a password")};
    const auto made = world.wait(world.users->register_user(std::move(account), "192.0.2.1"));
    EXPECT_TRUE(made) << made.assume_error().detail;
    return made ? made.value().id : UserId{};
  }
  user::OpenedSession log_in(const std::string& handle) {
    user::LogIn attempt{handle, Secret<std::string>("a password"), "전화"};
    auto in = world.wait(world.users->log_in(std::move(attempt)));
    EXPECT_TRUE(in) << in.assume_error().detail;
    return in ? std::move(in).assume_value().opened : user::OpenedSession{};
  }
  chat::Accounts& accounts() { return world.accounts(GetParam()); }
};

TEST_P(AccountsRole, RecognisesATokenUntilItsSessionEnds) {
  const auto minji = person("minji");
  const auto opened = log_in("minji");
  const auto session =
      ask([&](Where where) { return world.accounts(where).authenticate(opened.token); });
  ASSERT_TRUE(session);
  EXPECT_EQ(session.value().id, opened.session.id);
  EXPECT_EQ(session.value().user, minji);
  EXPECT_EQ(session.value().device, "전화");
  EXPECT_EQ(session.value().expires_at, opened.session.expires_at);
  ASSERT_TRUE(world.wait(world.users->sessions().end(minji, opened.session.id)));
  const auto ended =
      ask([&](Where where) { return world.accounts(where).authenticate(opened.token); });
  EXPECT_EQ(ended.error().code, ErrorCode::unauthenticated);
}

TEST_P(AccountsRole, TellsOpenSessionsFromEndedOnes) {
  const auto minji = person("minji");
  const auto kept = log_in("minji");
  const auto ended = log_in("minji");
  ASSERT_TRUE(world.wait(world.users->sessions().end(minji, ended.session.id)));
  const auto live = ask([&](Where where) {
    return world.accounts(where).live_sessions({ended.session.id, kept.session.id});
  });
  ASSERT_TRUE(live) << live.error().detail;
  EXPECT_EQ(live.value(), std::vector{kept.session.id});
}

TEST_P(AccountsRole, NonsenseIsNoToken) {
  for (const std::string& token :
       {std::string(), std::string("nonsense"), std::string("\0\xff\n", 3), std::string("%zz\"}"),
        std::string(5000, 'a')}) {
    const auto refused = ask([&](Where where) {
      return world.accounts(where).authenticate(Secret<std::string>(token));
    });
    EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated);
    const auto ticket = ask([&](Where where) {
      return world.accounts(where).redeem_ticket(Secret<std::string>(token));
    });
    EXPECT_EQ(ticket.error().code, ErrorCode::unauthenticated);
  }
}

TEST_P(AccountsRole, ATicketIsGoodOnce) {
  const auto minji = person("minji");
  const auto opened = log_in("minji");
  const auto issued = world.wait(world.users->sessions().issue_ticket(minji, opened.session.id));
  ASSERT_TRUE(issued);
  const auto session = world.wait(accounts().redeem_ticket(issued.value().ticket));
  ASSERT_TRUE(session);
  EXPECT_EQ(session.value().id, opened.session.id);
  const auto again = world.wait(accounts().redeem_ticket(issued.value().ticket));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::unauthenticated);
}

TEST_P(AccountsRole, KnowsThePeopleThereAre) {
  const auto minji = person("minji");
  const auto gone = person("gone");
  ASSERT_TRUE(world.wait(world.users->erase_by_operator(gone, user::Messages::keep)));
  const auto found = ask([&](Where where) {
    return world.accounts(where).users({minji, UserId{5}, gone, UserId{}});
  });
  ASSERT_TRUE(found);
  ASSERT_EQ(found.value().size(), 2u);
  for (const chat::User& user : found.value()) {
    EXPECT_EQ(user.deleted, user.id == gone);
    EXPECT_EQ(user.handle, user.id == gone ? "" : "minji");
  }
  EXPECT_TRUE(world.wait(accounts().users({})).value().empty());
}

TEST_P(AccountsRole, KnowsBlocksInBothDirections) {
  const auto minji = person("minji");
  const auto youngho = person("youngho");
  const auto blocked = [&] {
    const auto there = world.wait(accounts().blockers(minji, youngho)).value();
    EXPECT_EQ(there, world.wait(accounts().blockers(youngho, minji)).value());
    return there;
  };
  EXPECT_TRUE(blocked().empty());
  ASSERT_TRUE(world.wait(world.users->set_block(youngho, minji, true)));
  EXPECT_EQ(blocked(), std::vector{youngho});
}

RESPRING_HERE_AND_THERE(AccountsRole);

}  // namespace
}  // namespace respring::roles
