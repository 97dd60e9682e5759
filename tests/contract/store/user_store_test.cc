#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "backends.h"
#include "contract/waiting.h"
#include "room_world.h"
#include "store/user_store.h"

// People, sessions and blocks.
namespace respring::store {
namespace {

class Users : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { open(); }
  void open() {
    users.reset();
    auto opened = UserStore::open({backend->database("user"), &clock});
    ASSERT_TRUE(opened) << opened.assume_error().detail;
    users = std::move(opened).assume_value();
  }
  chat::User person(const std::string& handle, const std::string& name) {
    auto made = wait(users->create({handle, name, Secret<std::string>("hash of " + handle)}));
    EXPECT_TRUE(made) << made.assume_error().detail;
    return made ? std::move(made).assume_value() : chat::User{};
  }
  std::vector<std::string> found(const std::string& query) {
    std::vector<std::string> names;
    const auto people = wait(users->find(query, {}, 50)).value();
    for (const auto& user : people) names.push_back(user.display_name);
    std::ranges::sort(names);
    return names;
  }
  chat::Session log_in(UserId user, const std::string& token) {
    return wait(users->add_session({user, "phone", token, clock.now() + std::chrono::hours(1)}))
        .value();
  }
  static std::string token(char c) { return std::string(32, c); }

  std::unique_ptr<StoreBackend> backend = GetParam().make();
  ManualClock clock;
  testing::Waiting wait;
  std::unique_ptr<UserStore> users;
};

TEST_P(Users, AreThereAfterARestart) {
  const auto minji = person("minji", "김민지");
  open();
  const auto found_user = wait(users->by_handle("minji")).value();
  ASSERT_TRUE(found_user);
  EXPECT_EQ(found_user->id, minji.id);
  EXPECT_EQ(found_user->display_name, "김민지");
  EXPECT_EQ(found_user->locale, "ko");
  EXPECT_EQ(found_user->created_at, clock.now());
  const auto credentials = wait(users->credentials("minji")).value();
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->password_hash.reveal(), "hash of minji");
  EXPECT_FALSE(wait(users->credentials("nobody")).value());
  EXPECT_EQ(wait(users->users({minji.id, UserId{5}})).value().size(), 1U);
}

TEST_P(Users, AHandleIsGivenOutOnceForEver) {
  const auto minji = person("minji", "김민지");
  const auto second = wait(users->create({"minji", "다른 사람", Secret<std::string>("x")}));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.assume_error().code, ErrorCode::conflict);
  ASSERT_TRUE(wait(users->erase(minji.id)));
  const auto third = wait(users->create({"minji", "또 다른 사람", Secret<std::string>("x")}));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.assume_error().code, ErrorCode::conflict);
}

TEST_P(Users, AreFoundByPrefixOfHandleOrNameAndByInitials) {
  person("minji.k", "홍길동");
  person("hong", "Hong Gildong");
  person("yh", "홍길순");
  EXPECT_EQ(found("hon"), (std::vector<std::string>{"Hong Gildong"}));
  EXPECT_EQ(found("HONG g"), (std::vector<std::string>{"Hong Gildong"}));
  EXPECT_EQ(found("minji."), (std::vector<std::string>{"홍길동"}));
  EXPECT_EQ(found("홍길"), (std::vector<std::string>{"홍길동", "홍길순"}));
  EXPECT_EQ(found("ㅎㄱ"), (std::vector<std::string>{"홍길동", "홍길순"}));
  EXPECT_EQ(found("ㅎㄱㄷ"), (std::vector<std::string>{"홍길동"}));
  EXPECT_TRUE(found("길동").empty());
  EXPECT_TRUE(found("%").empty());
}

TEST_P(Users, ComeInPages) {
  for (int i = 0; i < 7; ++i) person("user" + std::to_string(i), "사람");
  std::vector<UserId> seen;
  UserId after;
  while (true) {
    const auto page = wait(users->find("user", after, 3)).value();
    if (page.empty()) break;
    for (const auto& user : page) seen.push_back(user.id);
    after = seen.back();
  }
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_P(Users, ChangeTheirNamePasswordAndLanguage) {
  const auto minji = person("minji", "김민지");
  chat::UserPatch patch;
  patch.display_name = "민지";
  patch.password_hash = Secret<std::string>("new");
  patch.locale = "en";
  const auto changed = wait(users->update(minji.id, patch));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed.assume_value().display_name, "민지");
  EXPECT_EQ(changed.assume_value().locale, "en");
  EXPECT_EQ(wait(users->credentials_of(minji.id)).value()->password_hash.reveal(), "new");
  EXPECT_EQ(found("ㅁㅈ").size(), 1U);
  EXPECT_TRUE(found("김").empty());
  EXPECT_EQ(wait(users->update(UserId{5}, patch)).assume_error().code, ErrorCode::not_found);
}

TEST_P(Users, ASessionIsFoundByItsTokenUntilItEnds) {
  const auto minji = person("minji", "김민지");
  const auto session = log_in(minji.id, token('a'));
  const auto now = clock.now();
  EXPECT_EQ(wait(users->session_by_token(token('a'), now)).value()->id, session.id);
  EXPECT_FALSE(wait(users->session_by_token(token('b'), now)).value());
  EXPECT_FALSE(wait(users->session_by_token(token('a'), session.expires_at)).value());
  EXPECT_FALSE(wait(users->remove_session(UserId{5}, session.id)).value());
  EXPECT_TRUE(wait(users->remove_session(minji.id, session.id)).value());
  EXPECT_FALSE(wait(users->remove_session(minji.id, session.id)).value());
  EXPECT_FALSE(wait(users->session_by_token(token('a'), now)).value());
}

TEST_P(Users, ADisabledPersonHasNoSessions) {
  const auto minji = person("minji", "김민지");
  log_in(minji.id, token('a'));
  chat::UserPatch patch;
  patch.disabled = true;
  ASSERT_TRUE(wait(users->update(minji.id, patch)));
  EXPECT_FALSE(wait(users->session_by_token(token('a'), clock.now())).value());
  EXPECT_TRUE(wait(users->credentials("minji")).value()->disabled);
  patch.disabled = false;
  ASSERT_TRUE(wait(users->update(minji.id, patch)));
  EXPECT_TRUE(wait(users->session_by_token(token('a'), clock.now())).value());
}

TEST_P(Users, SessionsAreToldFromThoseThatEnded) {
  const auto minji = person("minji", "김민지");
  const auto youngho = person("youngho", "박영호");
  const auto kept = log_in(minji.id, token('a'));
  const auto ended = log_in(minji.id, token('b'));
  const auto other = log_in(youngho.id, token('c'));
  const std::vector all = {kept.id, ended.id, other.id, SessionId{5}};
  ASSERT_TRUE(wait(users->remove_session(minji.id, ended.id)).value());
  EXPECT_EQ(wait(users->live_sessions(all, clock.now())).value(), (std::vector{kept.id, other.id}));
  EXPECT_TRUE(wait(users->live_sessions(all, kept.expires_at)).value().empty());
  chat::UserPatch patch;
  patch.disabled = true;
  ASSERT_TRUE(wait(users->update(youngho.id, patch)));
  EXPECT_EQ(wait(users->live_sessions(all, clock.now())).value(), std::vector{kept.id});
}

TEST_P(Users, AllOtherSessionsEndTogether) {
  const auto minji = person("minji", "김민지");
  const auto keep = log_in(minji.id, token('a'));
  const auto other = log_in(minji.id, token('b'));
  EXPECT_EQ(wait(users->sessions(minji.id, {}, 10)).value().size(), 2U);
  EXPECT_EQ(wait(users->remove_sessions(minji.id, keep.id)).value(),
            (std::vector<SessionId>{other.id}));
  EXPECT_EQ(wait(users->sessions(minji.id, {}, 10)).value().size(), 1U);
  const auto used = clock.now() + std::chrono::minutes(5);
  ASSERT_TRUE(wait(users->touch_session(keep.id, used)));
  EXPECT_EQ(wait(users->sessions(minji.id, {}, 10)).value()[0].last_used_at, used);
}

TEST_P(Users, ABlockCountsInBothDirections) {
  const auto a = person("aaa", "가"), b = person("bbb", "나"), c = person("ccc", "다");
  ASSERT_TRUE(wait(users->set_block(a.id, b.id, true)));
  ASSERT_TRUE(wait(users->set_block(a.id, b.id, true)));
  EXPECT_EQ(wait(users->blockers(b.id, a.id)).value(), std::vector{a.id});
  EXPECT_TRUE(wait(users->blockers(a.id, c.id)).value().empty());
  EXPECT_EQ(wait(users->blocks(a.id, {}, 10)).value().size(), 1U);
  EXPECT_TRUE(wait(users->blocks(b.id, {}, 10)).value().empty());
  ASSERT_TRUE(wait(users->set_block(a.id, b.id, false)));
  EXPECT_TRUE(wait(users->blockers(a.id, b.id)).value().empty());
}

TEST_P(Users, AnErasedPersonLeavesOnlyHisId) {
  const auto minji = person("minji", "김민지");
  const auto other = person("other", "남");
  log_in(minji.id, token('a'));
  ASSERT_TRUE(wait(users->set_block(other.id, minji.id, true)));
  ASSERT_TRUE(wait(users->erase(minji.id)));
  ASSERT_TRUE(wait(users->erase(minji.id)));
  const auto left = wait(users->users({minji.id})).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left[0].deleted);
  EXPECT_EQ(left[0].handle, "");
  EXPECT_EQ(left[0].display_name, "");
  EXPECT_FALSE(wait(users->credentials("minji")).value());
  EXPECT_FALSE(wait(users->credentials("")).value());
  EXPECT_FALSE(wait(users->session_by_token(token('a'), clock.now())).value());
  EXPECT_TRUE(wait(users->blocks(other.id, {}, 10)).value().empty());
  EXPECT_TRUE(found("김").empty());
}

INSTANTIATE_TEST_SUITE_P(Adapters, Users, ::testing::ValuesIn(all_backends()), name_of_case);

}  // namespace
}  // namespace respring::store
