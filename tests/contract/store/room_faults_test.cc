#include "faulty_backend.h"
#include "room_contract.h"

// What happens when the database fails: nothing acknowledged is lost, nothing is stored twice.
namespace respring::store {
namespace {

class RoomFaults : public ::testing::TestWithParam<BackendCase> {
 protected:
  // The relay must not meet the faults that are meant for the writer.
  void SetUp() override { world.bus.fail(true); }

  std::vector<chat::Write> sends(RoomId room, int count) {
    std::vector<chat::Write> writes;
    for (int i = 0; i < count; ++i)
      writes.push_back(RoomWorld::request(room, kMinji, RoomWorld::text(std::to_string(i))));
    return writes;
  }
  void expect_all_once(RoomId room, const std::vector<Result<chat::Written>>& answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_TRUE(answers[i]) << answers[i].assume_error().detail;
      EXPECT_EQ(answers[i].assume_value().seq, static_cast<Seq>(i) + 2);
    }
    EXPECT_EQ(world.view(room, kMinji).head.seq, static_cast<Seq>(answers.size()) + 1);
    EXPECT_EQ(world.log_of(room, kMinji).events.size(), answers.size() + 1);
  }

  std::unique_ptr<StoreBackend> inner = GetParam().make();
  Faults faults;
  FaultyBackend backend{*inner, faults};
  RoomWorld world{backend};
};

TEST_P(RoomFaults, ACommitWhoseAnswerWasLostIsNotWrittenAgain) {
  const auto room = world.group();
  faults.lose_commit_answers = 1;
  expect_all_once(room, world.write_together(sends(room, 20)));
  world.bus.fail(false);
  EXPECT_EQ(world.bus.wait_for(room, 21).size(), 21U);
}

TEST_P(RoomFaults, ACommitThatGotLostIsWrittenAgain) {
  const auto room = world.group();
  faults.lose_commits = 1;
  expect_all_once(room, world.write_together(sends(room, 20)));
}

TEST_P(RoomFaults, ACommitLostThreeTimesIsUnknownAndARetryStoresItOnce) {
  const auto room = world.group();
  const auto send = RoomWorld::text("끈질긴 말");
  faults.lose_commits = 3;
  EXPECT_EQ(code_of(world.write(room, kMinji, send)), ErrorCode::internal);
  const auto again = world.write(room, kMinji, send);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.assume_value().seq, 2);
  EXPECT_EQ(world.view(room, kMinji).head.seq, 2);
}

TEST_P(RoomFaults, ALostAnswerToAChangeIsFoundInTheLogToo) {
  const auto room = world.group();
  world.say(room, kMinji, "말");
  faults.lose_commit_answers = 1;
  const auto edited = world.write(room, kMinji, chat::Edit{2, "고침"});
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited.assume_value().version, 2);
  EXPECT_EQ(world.message(room, kMinji, 2).version, 2);
}

TEST_P(RoomFaults, ALockedDatabaseIsTriedAgainAndThenRefused) {
  const auto room = world.group();
  faults.refuse_begins = 2;
  EXPECT_EQ(world.say(room, kMinji, "하나").seq, 2);
  faults.refuse_begins = 3;
  EXPECT_EQ(code_of(world.write(room, kMinji, RoomWorld::text("둘"))), ErrorCode::overloaded);
  EXPECT_EQ(world.say(room, kMinji, "셋").seq, 3);
}

TEST_P(RoomFaults, AFullDiskIsADefiniteRefusalAndAfterwardsAllIsWell) {
  const auto room = world.group();
  const auto send = RoomWorld::text("안 들어가는 말");
  faults.full_disks = 1;
  const auto refused = world.write(room, kMinji, send);
  EXPECT_EQ(code_of(refused), ErrorCode::overloaded);
  EXPECT_NE(refused.assume_error().detail.find("disk is full"), std::string::npos);
  EXPECT_EQ(world.view(room, kMinji).head.seq, 1);
  const auto stored = world.write(room, kMinji, send);
  ASSERT_TRUE(stored);
  EXPECT_FALSE(stored.assume_value().duplicate);
}

TEST_P(RoomFaults, WhileTheDatabaseIsAwayTheOutcomeOfALostCommitIsUnknown) {
  const auto room = world.group();
  const auto send = RoomWorld::text("어디로 갔나");
  faults.gone_after_commit = true;
  faults.lose_commit_answers = 1;
  EXPECT_EQ(code_of(world.write(room, kMinji, send)), ErrorCode::internal);
  EXPECT_EQ(code_of(world.write(room, kMinji, RoomWorld::text("x"))), ErrorCode::overloaded);
  faults.unreachable = false;
  const auto again = world.write(room, kMinji, send);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().duplicate);
  EXPECT_EQ(world.view(room, kMinji).head.seq, 2);
}

RESPRING_ON_ALL_BACKENDS(RoomFaults);

}  // namespace
}  // namespace respring::store
