#include <algorithm>
#include <set>
#include <thread>

#include "faulty_backend.h"
#include "slot_move_world.h"

// A slot goes from one shard to another, step by step, while people write in it.
namespace respring::store {
namespace {

class SlotMoves : public SlotMoveWorld {};

TEST_P(SlotMoves, ASlotMovesWithEverythingInIt) {
  live();
  const auto before = world.log_of(room, kMinji);
  const auto move = copied();
  EXPECT_TRUE(differences().empty());
  finish(move);
  EXPECT_EQ(state(*source), SlotState::gone);
  EXPECT_EQ(state(*target), SlotState::active);
  EXPECT_EQ(world.log_of(room, kMinji).events.size(), before.events.size());
  world.say(room, kYoungho, "새 집에서");
  EXPECT_EQ(world.view(room, kMinji).head.seq, before.head + 1);
  EXPECT_EQ(world.wait(world.log->rooms_of(kMinji, chat::Memberships::present)).value().size(), 1U);
}

TEST_P(SlotMoves, WhatIsWrittenDuringTheCopyIsInTheJournalWhateverItIs) {
  live();
  const auto move = copied();
  live();
  EXPECT_FALSE(differences().empty());
  drain_all(move);
  EXPECT_TRUE(differences().empty());
  EXPECT_TRUE(world.write(room, kMinji, chat::Close{}));
  drain_all(move);
  EXPECT_TRUE(differences().empty());
  finish(move);
}

TEST_P(SlotMoves, EveryColumnOfTheTablesIsCarriedOver) {
  for (const auto table : kSlotTables) {
    std::set<std::string> named = {"slot"};
    for (const auto& column : info_of(table).columns) named.insert(std::string(column.name));
    std::set<std::string> real;
    const bool sqlite = source->dialect().name() == "sqlite";
    auto rows = source
                    ->query(sqlite ? "SELECT name FROM pragma_table_info(?)"
                                   : "SELECT column_name FROM information_schema.columns WHERE "
                                     "table_schema=DATABASE() AND table_name=?",
                            info_of(table).name)
                    .value();
    while (rows.next().value()) real.insert(rows.text(0));
    EXPECT_EQ(named, real) << info_of(table).name;
  }
}

TEST_P(SlotMoves, AFrozenSlotsWritesWaitAndGoOnAtTheTargetInTheirOrder) {
  const auto move = copied();
  std::vector<chat::Write> writes;
  for (int i = 0; i < 40; ++i)
    writes.push_back(RoomWorld::request(room, kMinji, RoomWorld::text(std::to_string(i))));
  const auto answers = write_over_the_switch(move, std::move(writes));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]) << i << ": " << answers[i].assume_error().detail;
    EXPECT_EQ(answers[i].assume_value().seq, static_cast<Seq>(i) + 2);
  }
  EXPECT_EQ(state(*target), SlotState::active);
}

TEST_P(SlotMoves, ASlotFrozenForTooLongIsThawedByTheWritersThroughMeta) {
  const auto move = copied();
  ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
  world.say(room, kMinji, "아무도 안 옮긴다");
  EXPECT_EQ(load_move(*meta, move.id).value()->state, shardmap::MoveState::aborted);
  EXPECT_EQ(state(*source), SlotState::active);
  EXPECT_FALSE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
  EXPECT_FALSE(begin("m2")) << "the copy is not wiped yet";
  settle(move.id);
  EXPECT_EQ(state(*target), SlotState::none);
  finish(copied("m2"));
}

TEST_P(SlotMoves, ACommittedMoveWhoseMoverDiedIsFinishedByTheWriters) {
  const auto move = copied();
  ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
  drain_all(move);
  ASSERT_TRUE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
  world.say(room, kMinji, "계속");
  EXPECT_EQ(state(*source), SlotState::gone);
  EXPECT_EQ(state(*target), SlotState::active);
}

TEST_P(SlotMoves, AMoverThatWasReplacedIsRefusedEverywhere) {
  const auto old = copied();
  EXPECT_FALSE(take_over_move(*meta, old.id, world.clock.now(), std::chrono::seconds(1), false));
  const auto fresh =
      take_over_move(*meta, old.id, world.clock.now(), std::chrono::seconds(1), true);
  ASSERT_TRUE(fresh);
  ASSERT_TRUE(import_slot(*target, fresh.assume_value()).value());
  ASSERT_TRUE(journal_slot(*source, fresh.assume_value()).value());
  world.say(room, kMinji, "누가 옮기나");
  EXPECT_FALSE(drain_journal(*source, *target, old, 100).value().mine);
  EXPECT_FALSE(import_slot(*target, old).value());
  EXPECT_FALSE(journal_slot(*source, old).value());
  EXPECT_FALSE(freeze_slot(*source, old, world.clock.now(), true).value());
  EXPECT_FALSE(commit_move(*meta, old, world.clock.now(), world.clock.now()).value());
  EXPECT_FALSE(report_move(*meta, old));
  finish(fresh.assume_value());
}

TEST_P(SlotMoves, ACopyGoesOnWhereTheMoverBeforeStopped) {
  live();
  const auto old = begun();
  ASSERT_TRUE(import_slot(*target, old).value());
  ASSERT_TRUE(journal_slot(*source, old).value());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(copy_some(old, 2).mine);
  const auto fresh = take_over_move(*meta, old.id, world.clock.now(), std::chrono::seconds(1), true)
                         .assume_value();
  ASSERT_TRUE(import_slot(*target, fresh).value());
  ASSERT_TRUE(journal_slot(*source, fresh).value());
  EXPECT_FALSE(copy_some(old, 2).mine);
  const auto step = copy_some(fresh, 2);
  EXPECT_TRUE(step.mine);
  EXPECT_GT(step.progress.rows, 4) << "not from the beginning";
  copy_all(fresh);
  finish(fresh);
}

TEST_P(SlotMoves, AMoverOfAnAbortedMoveIsRefusedAndItsCopyIsNoProgressOfTheNext) {
  const auto old = copied();
  ASSERT_TRUE(
      abort_move(*meta, old.id, world.clock.now(), shardmap::AbortCause::wish, "by hand").value());
  settle(old.id);
  EXPECT_EQ(state(*source), SlotState::active);
  EXPECT_EQ(state(*target), SlotState::none);
  EXPECT_FALSE(import_slot(*target, old).value());
  EXPECT_FALSE(journal_slot(*source, old).value());
  world.say(room, kMinji, "다음 이사");
  const auto next = begun("m2");
  ASSERT_TRUE(import_slot(*target, next).value());
  ASSERT_TRUE(journal_slot(*source, next).value());
  EXPECT_FALSE(copy_some(next, 1000).progress.at.finished());
  copy_all(next);
  finish(next);
}

TEST_P(SlotMoves, ItMovesBackWhileTheOldRowsAreStillThereAndTheyMayBeCleanedLater) {
  live();
  const auto there = copied();
  finish(there);
  world.say(room, kMinji, "거기서");
  std::swap(source, target);
  std::swap(source_name, target_name);
  const auto back = copied("m2");
  EXPECT_TRUE(clean_slot(*target, there, 100).value()) << "the move back owns the rows now";
  EXPECT_TRUE(differences().empty());
  finish(back);
  world.say(room, kMinji, "다시 여기서");
  while (!clean_slot(*source, back, 2).value()) continue;
  EXPECT_EQ(state(*source), SlotState::none);
  for (const auto table : kSlotTables)
    EXPECT_EQ(count_of(*source, {slot.value, {}}, table).value(), 0) << info_of(table).name;
  EXPECT_EQ(world.log_of(room, kMinji).events.size(),
            static_cast<std::size_t>(world.view(room, kMinji).head.seq));
}

TEST_P(SlotMoves, WhatMakesNoSenseIsRefusedBeforeAnythingChanges) {
  NewMove wanted{"x", slot, source_name, world.clock.now(), std::chrono::seconds(1), {}};
  EXPECT_EQ(begin_move(*meta, wanted).assume_error().error().code, ErrorCode::conflict);
  wanted.target = "nowhere";
  EXPECT_EQ(begin_move(*meta, wanted).assume_error().error().code, ErrorCode::not_found);
  wanted = {"x", shardmap::Slot{9999}, target_name, world.clock.now(), std::chrono::seconds(1), {}};
  EXPECT_EQ(begin_move(*meta, wanted).assume_error().error().code, ErrorCode::not_found);
  const auto move = begun();
  const auto second = begin("m2");
  ASSERT_FALSE(second);
  EXPECT_NE(second.assume_error().error().detail.find("resume m1"), std::string::npos);
  const auto now = world.clock.now();
  EXPECT_FALSE(take_migrate_lease(*meta, "me", now + std::chrono::seconds(9)));
  ASSERT_TRUE(abort_move(*meta, move.id, now, shardmap::AbortCause::wish, "").value());
  settle(move.id);
  ASSERT_TRUE(take_migrate_lease(*meta, "me", now + std::chrono::seconds(9)));
  // Who may ask has the turn: whoever had the lease before him has died.
  ASSERT_TRUE(take_migrate_lease(*meta, "you", now + std::chrono::seconds(9)));
  ASSERT_TRUE(renew_migrate_lease(*meta, "me", now + std::chrono::hours(9)));
  ASSERT_TRUE(release_migrate_lease(*meta, "me"));
  EXPECT_FALSE(begin("m3"));
  ASSERT_TRUE(release_migrate_lease(*meta, "you"));
  EXPECT_TRUE(begin("m3"));
}

// As a server that has to end a circle of locks does.
TEST_P(SlotMoves, ABeginningThatHasToGiveWayIsTriedAgain) {
  Faults faults;
  FaultyBackend faulty(*backend, faults);
  meta = faulty.database("meta")().value();
  faults.refuse_begins = 3;
  const auto move = begun();
  faults.refuse_begins = 3;
  EXPECT_TRUE(take_over_move(*meta, move.id, world.clock.now(), std::chrono::seconds(10), true));
  faults.refuse_begins = 100;
  const auto refused =
      take_over_move(*meta, move.id, world.clock.now(), std::chrono::seconds(10), true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.assume_error().failure()->code, sql::Errc::busy);
  faults.refuse_begins = 0;
}

INSTANTIATE_TEST_SUITE_P(Adapters, SlotMoves, ::testing::ValuesIn(all_backends()), name_of_case);

}  // namespace
}  // namespace respring::store
