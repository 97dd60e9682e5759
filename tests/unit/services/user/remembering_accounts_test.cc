#include "services/user/remembering_accounts.h"

#include "world.h"

namespace respring::user {
namespace {

/// The user role as a node asks it that runs elsewhere.
class AskedRole final : public chat::Accounts {
 public:
  Task<Result<chat::Session>> authenticate(Secret<std::string> token) override {
    ++asked;
    if (!service) co_return Error{ErrorCode::upstream_unavailable, "the role is away", {}, {}};
    auto answer = co_await service->authenticate(std::move(token));
    if (on_answer) on_answer();
    co_return answer;
  }
  Task<Result<chat::Session>> redeem_ticket(Secret<std::string> ticket) override {
    return service->redeem_ticket(std::move(ticket));
  }
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids) override {
    return service->live_sessions(std::move(ids));
  }
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId> ids) override {
    return service->users(std::move(ids));
  }
  Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) override {
    return service->blockers(a, b);
  }
  UserService* service = nullptr;
  std::function<void()> on_answer;  ///< after the role has answered, before the node hears it
  int asked = 0;
};

/// A memory that can be cut off.
class FragileSessions final : public chat::SharedSessions {
 public:
  Task<Result<Found>> find(std::string token_hash) override {
    if (away) co_return gone();
    hashes.insert(token_hash);
    co_return co_await inner->find(std::move(token_hash));
  }
  Task<Result<Put>> put(Ticket ticket, std::string token_hash, chat::Session session) override {
    if (away) co_return gone();
    co_return co_await inner->put(std::move(ticket), std::move(token_hash), std::move(session));
  }
  Task<Result<void>> end(std::vector<SessionId> sessions) override {
    if (away) co_return gone();
    co_return co_await inner->end(std::move(sessions));
  }
  Task<Result<void>> bar(UserId user) override {
    if (away) co_return gone();
    co_return co_await inner->bar(user);
  }
  Task<Result<void>> unbar(UserId user) override {
    if (away) co_return gone();
    co_return co_await inner->unbar(user);
  }
  static Error gone() { return {ErrorCode::upstream_unavailable, "away", {}, {}}; }

  std::unique_ptr<chat::SharedSessions> inner = local::make_shared_sessions();
  std::atomic<bool> away{false};
  std::set<std::string> hashes;
};

class RememberingTest : public UserTest {
 protected:
  void SetUp() override {
    auto fragile = std::make_unique<FragileSessions>();
    memory = fragile.get();
    shared = std::move(fragile);
    UserTest::SetUp();
    role.service = service.get();
    id = register_person("hong");
    token = log_in("hong");
  }
  Result<chat::Session> show() { return wait(node->authenticate(Secret<std::string>(token))); }
  ErrorCode refusal() {
    const auto shown = show();
    return shown ? ErrorCode::internal : shown.error().code;
  }
  SessionId session() { return users.session_rows.begin()->second.id; }

  FragileSessions* memory = nullptr;
  AskedRole role;
  std::unique_ptr<RememberingAccounts> node;
  UserId id;
  std::string token;

  void make_node() { node = std::make_unique<RememberingAccounts>(role, *memory, clock); }
};

TEST_F(RememberingTest, AsksTheRoleOnceAndNeverShowsTheToken) {
  make_node();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(show());
  EXPECT_EQ(role.asked, 1);
  ASSERT_EQ(memory->hashes.size(), 1U);
  EXPECT_EQ(memory->hashes.begin()->size(), 32U);
  EXPECT_EQ(memory->hashes.begin()->find(token), std::string::npos);
}

TEST_F(RememberingTest, AnEndReachesTheNodeAtOnce) {
  make_node();
  ASSERT_TRUE(show());
  ASSERT_TRUE(wait(service->sessions().end(id, session())));
  EXPECT_EQ(refusal(), ErrorCode::unauthenticated);
}

TEST_F(RememberingTest, AnAnswerFromBeforeTheEndIsNotUsed) {
  make_node();
  const SessionId ending = session();
  role.on_answer = [&] {
    // Another node of the role ends it while the answer is on its way.
    std::thread other([&] {
      async::IoPool loop{1};
      loop.start();
      (void)async::block_on(loop.at(0).get_executor(), memory->end({ending}));
      loop.stop();
    });
    other.join();
  };
  EXPECT_EQ(refusal(), ErrorCode::unauthenticated);
  role.on_answer = nullptr;
  EXPECT_EQ(refusal(), ErrorCode::unauthenticated) << "though the role still remembers it";
}

TEST_F(RememberingTest, ADisabledUserIsRefusedAtOnceAndComesBack) {
  make_node();
  ASSERT_TRUE(show());
  ASSERT_TRUE(wait(service->set_disabled(id, true)));
  EXPECT_EQ(refusal(), ErrorCode::unauthenticated);
  ASSERT_TRUE(wait(service->set_disabled(id, false)));
  EXPECT_TRUE(show());
}

TEST_F(RememberingTest, AnExpiredSessionIsRefusedFromMemoryToo) {
  make_node();
  ASSERT_TRUE(show());
  clock.pass(std::chrono::days(400));
  EXPECT_EQ(refusal(), ErrorCode::unauthenticated);
}

TEST_F(RememberingTest, WithoutTheMemoryTheRoleIsAskedAndNothingOpens) {
  make_node();
  memory->away = true;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(show());
  EXPECT_EQ(role.asked, 3);
  role.service = nullptr;
  EXPECT_EQ(refusal(), ErrorCode::upstream_unavailable);
}

TEST_F(RememberingTest, AnEndThatCouldNotBeSharedIsSharedAsSoonAsItCanBe) {
  make_node();
  ASSERT_TRUE(show());
  memory->away = true;
  ASSERT_TRUE(wait(service->sessions().end(id, session()))) << "a log-out succeeds anyway";
  memory->away = false;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (show() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(refusal(), ErrorCode::unauthenticated);
}

TEST_F(RememberingTest, StopsWhileAnEndIsStillToBeShared) {
  memory->away = true;
  ASSERT_TRUE(wait(service->sessions().end(id, session())));
  const auto begun = std::chrono::steady_clock::now();
  service.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace respring::user
