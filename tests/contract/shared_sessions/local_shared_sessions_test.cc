#include "contract/manual_time.h"
#include "contract/shared_sessions/shared_sessions_contract.h"
#include "local/shared_sessions.h"

namespace respring::testing {
namespace {

SharedSessionsUnderTest made(std::size_t max_entries, std::size_t max_ended) {
  const auto time = std::make_shared<ManualTime>();
  local::SharedSessionOptions options;
  options.max_entries = max_entries;
  options.max_ended = max_ended;
  options.now = [time] { return time->now(); };
  return {local::make_shared_sessions(std::move(options)), [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, SharedSessionsContract,
                         ::testing::Values(SharedSessionsMaker{"local",
                                                               [] { return made(1000, 10'000); }}),
                         [](const auto& maker) { return maker.param.name; });

using Put = chat::SharedSessions::Put;

class LocalSharedSessions : public ::testing::Test {
 protected:
  static Put keep(Waiting& wait, chat::SharedSessions& sessions, std::int64_t id) {
    auto found = wait(sessions.find(hash_of(id)));
    return wait(sessions.put(found.value().ticket, hash_of(id), session_of(id))).value();
  }
  static bool knows(Waiting& wait, chat::SharedSessions& sessions, std::int64_t id) {
    return wait(sessions.find(hash_of(id))).value().session.has_value();
  }
  Waiting wait_;
};

TEST_F(LocalSharedSessions, TheOldestEntryGoesFirst) {
  const auto made_one = made(3, 100);
  auto& sessions = *made_one.sessions;
  for (const int id : {1, 2, 3, 4}) EXPECT_EQ(keep(wait_, sessions, id), Put::kept);
  EXPECT_FALSE(knows(wait_, sessions, 1));
  for (const int id : {2, 3, 4}) EXPECT_TRUE(knows(wait_, sessions, id));
}

TEST_F(LocalSharedSessions, MoreEndsThanItRemembersMeansKeepingNothing) {
  const auto made_one = made(10, 3);
  auto& sessions = *made_one.sessions;
  EXPECT_EQ(keep(wait_, sessions, 1), Put::kept);
  std::vector<SessionId> many = {SessionId{11}, SessionId{12}, SessionId{13}, SessionId{14}};
  ASSERT_TRUE(wait_(sessions.end(many)));
  EXPECT_FALSE(knows(wait_, sessions, 1));
  EXPECT_NE(keep(wait_, sessions, 11), Put::kept);
  made_one.pass(chat::SharedSessionLives{}.ended);
  EXPECT_EQ(keep(wait_, sessions, 1), Put::kept);
}

}  // namespace
}  // namespace respring::testing
