#include "slot_move_world.h"

// A move and writers at the same time, transaction beside transaction, in the orders that hurt.
namespace respring::store {
namespace {

class SlotRaces : public SlotMoveWorld {
 protected:
  void SetUp() override {
    SlotMoveWorld::SetUp();
    several_writers = source->dialect().writers() > 1;
  }

  /// A write in a transaction of its own, held where a real one may be held: before its COMMIT.
  struct OpenWrite {
    std::unique_ptr<sql::Connection> db;
    std::unique_ptr<sql::Transaction> transaction;
  };
  OpenWrite open_write(UserId reader, Seq seq) {
    OpenWrite open{world.shard(source_name), nullptr};
    auto begun = sql::Transaction::begin(*open.db, sql::Begin::write);
    open.transaction = std::make_unique<sql::Transaction>(std::move(begun).value());
    fill(*open.db, reader, seq);
    return open;
  }
  /// Only a cursor: writers of the same room wait for each other, those of a slot do not.
  void fill(sql::Connection& db, UserId reader, Seq seq) {
    ASSERT_TRUE(fences_of(db, {slot}, [&](shardmap::Slot, Fence fence) { fence_ = fence; }));
    ASSERT_TRUE(fence_.open());
    ASSERT_TRUE(
        db.run("INSERT INTO read_cursor (slot, room_id, user_id, seq, ordinal) VALUES (?,?,?,?,?)",
               slot.value, room, reader, seq, seq));
    if (fence_.state != SlotState::moving) return;
    const Touched touched{SlotTable::read_cursor, room, reader.value};
    ASSERT_TRUE(db.run("INSERT INTO slot_journal (keyspace, slot, table_no, pk) VALUES (?,?,?,?)",
                       kRoomKeyspace, slot.value, static_cast<int>(touched.table),
                       to_text(touched)));
  }

  Fence fence_;
  bool several_writers = false;
};

TEST_P(SlotRaces, AWriteThatBeganBeforeTheJournalIsCommittedBeforeTheCopyBegins) {
  if (!several_writers) GTEST_SKIP() << "one writer at a time";
  const auto move = begun();
  ASSERT_TRUE(import_slot(*target, move).value());
  auto early = open_write(kStranger, 1);
  ASSERT_TRUE(source->execute("SET SESSION innodb_lock_wait_timeout=1"));
  const auto refused = journal_slot(*source, move);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sql::Errc::busy);
  ASSERT_TRUE(early.transaction->commit());
  ASSERT_TRUE(journal_slot(*source, move).value());
  copy_all(move);
  EXPECT_TRUE(differences().empty());
}

TEST_P(SlotRaces, JournalEntriesCommittedInAnotherOrderThanTheirNumbersAreAllCarriedOver) {
  if (!several_writers) GTEST_SKIP() << "one writer at a time";
  const auto move = copied();
  auto first = open_write(UserId{501}, 1);
  auto second = open_write(UserId{502}, 1);
  ASSERT_TRUE(second.transaction->commit());
  EXPECT_EQ(drain_journal(*source, *target, move, 100).value().entries, 1);
  ASSERT_TRUE(first.transaction->commit());
  EXPECT_EQ(drain_journal(*source, *target, move, 100).value().entries, 1);
  EXPECT_TRUE(differences().empty());
}

TEST_P(SlotRaces, ASlotFreezesOnlyBehindTheWritesThatBeganInIt) {
  if (!several_writers) GTEST_SKIP() << "one writer at a time";
  const auto move = copied();
  auto late = open_write(kStranger, 1);
  for (const bool patient : {false, true}) {
    const auto refused = freeze_slot(*source, move, world.clock.now(), patient);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, sql::Errc::busy);
  }
  ASSERT_TRUE(late.transaction->commit());
  ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), false).value());
  EXPECT_EQ(drain_journal(*source, *target, move, 100).value().entries, 1);
  EXPECT_TRUE(differences().empty());
}

TEST_P(SlotRaces, WhoeverTakesOverWaitsForWhatTheMoverBeforeHasInHand) {
  if (!several_writers) GTEST_SKIP() << "one writer at a time";
  const auto old = copied();
  const auto fresh = take_over_move(*meta, old.id, world.clock.now(), std::chrono::seconds(1), true)
                         .assume_value();
  const auto in_hand = world.shard(target_name);
  auto transaction = sql::Transaction::begin(*in_hand, sql::Begin::write).value();
  ASSERT_TRUE(load_owner(*in_hand, slot, in_hand->dialect().for_share()));
  ASSERT_TRUE(target->execute("SET SESSION innodb_lock_wait_timeout=1"));
  const auto refused = import_slot(*target, fresh);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sql::Errc::busy);
  ASSERT_TRUE(transaction.commit());
  EXPECT_TRUE(import_slot(*target, fresh).value());
}

// The journal is empty then, and stays so: that means nothing.
TEST_P(SlotRaces, AMoverWhoseMoveWasTakenBackIsToldSoAlsoByAnEmptyJournal) {
  const auto move = copied();
  drain_all(move);
  ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
  EXPECT_TRUE(follows(*source, move).value());
  ASSERT_TRUE(abort_move(*meta, move.id, world.clock.now(), shardmap::AbortCause::pause,
                         "frozen for too long")
                  .value());
  const auto decided = load_move(*meta, move.id).value();
  ASSERT_TRUE(settle_move(world.fleet(), *meta, *decided, world.clock.now(), Settling::at_once));
  world.say(room, kMinji, "그 사이에");
  EXPECT_FALSE(drain_journal(*source, *target, move, 100).value().mine);
  EXPECT_FALSE(follows(*source, move).value());
  EXPECT_FALSE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
}

TEST_P(SlotRaces, WhoeverTakesOverAFrozenSlotLearnsSinceWhenItsWritersWait) {
  const auto old = copied();
  drain_all(old);
  const auto since = world.clock.now();
  EXPECT_EQ(freeze_slot(*source, old, since, true).value(), since);
  const auto fresh =
      take_over_move(*meta, old.id, since, std::chrono::seconds(1), true).assume_value();
  ASSERT_TRUE(import_slot(*target, fresh).value());
  ASSERT_TRUE(journal_slot(*source, fresh).value());
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(freeze_slot(*source, fresh, world.clock.now(), true).value(), since);
  EXPECT_FALSE(freeze_slot(*source, old, world.clock.now(), true).value());
  finish(fresh);
}

INSTANTIATE_TEST_SUITE_P(Adapters, SlotRaces, ::testing::ValuesIn(all_backends()), name_of_case);

}  // namespace
}  // namespace respring::store
