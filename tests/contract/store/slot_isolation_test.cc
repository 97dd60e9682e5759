#include <set>
#include <thread>

#include "slot_move_world.h"

// A room leaves the slot that it shares with others and gets one of its own, while people write.
namespace respring::store {
namespace {

class SlotIsolation : public SlotMoveWorld {
 protected:
  void SetUp() override {
    SlotMoveWorld::SetUp();
    neighbour = in_the_same_slot();
  }

  RoomId in_the_same_slot() {
    auto id = new_id<RoomId>();
    while (shardmap::hashed_slot_of(id) != slot) ++id.value;
    const auto made =
        world.write(id, kMinji,
                    chat::Create{chat::RoomKind::group,
                                 "이웃",
                                 {{kMinji, chat::Role::owner}, {kYoungho, chat::Role::member}}});
    EXPECT_TRUE(made) << made.assume_error().detail;
    return id;
  }
  Step<Move> begin_of(RoomId which, const std::string& where, const std::string& id = "i1") {
    NewMove wanted{id, slot, where, world.clock.now(), std::chrono::seconds(10), {}, which};
    return begin_move(*meta, wanted);
  }
  Move isolating(const std::string& where, const std::string& id = "i1") {
    auto move = begin_of(room, where, id);
    EXPECT_TRUE(move) << move.assume_error().error().detail;
    return copied(move.assume_value());
  }
  void clean(const Move& move) {
    while (!clean_slot(*source, move, 3).value()) {
    }
    ASSERT_TRUE(mark_done(*meta, move.id, world.clock.now()));
  }
  std::int64_t rows_of(sql::Connection& db, const SlotPart& part) {
    std::int64_t rows = 0;
    for (const auto table : kSlotTables) rows += count_of(db, part, table).value();
    return rows;
  }
  SlotState state_of(sql::Connection& db, shardmap::Slot which) {
    return load_owner(db, which).value()->state;
  }
  std::string refusal(const Step<Move>& refused) {
    return refused ? "" : refused.assume_error().error().detail;
  }
  std::set<RoomId> rooms_of(UserId user) {
    const auto rooms = world.wait(world.log->rooms_of(user, chat::Memberships::present)).value();
    return {rooms.begin(), rooms.end()};
  }

  RoomId neighbour;
};

TEST_P(SlotIsolation, ARoomGetsASlotOfItsOwnAndItsNeighbourStays) {
  live();
  for (int i = 0; i < 5; ++i) world.say(neighbour, kYoungho, "옆방 " + std::to_string(i));
  const auto before = world.log_of(room, kMinji);
  const auto stays = rows_of(*source, {slot.value, neighbour});
  const auto goes = rows_of(*source, {slot.value, room});
  const auto move = isolating(target_name);
  EXPECT_EQ(move.own.value, shardmap::kHashedSlots);
  live();
  world.say(neighbour, kYoungho, "옮기는 동안");
  EXPECT_FALSE(differences(move).empty());
  finish(move);
  EXPECT_EQ(state(*source), SlotState::active) << "the others go on there";
  EXPECT_EQ(state_of(*target, move.own), SlotState::active);
  EXPECT_EQ(rows_of(*target, {slot.value, {}}), 0) << "nothing of the others went along";
  EXPECT_GT(rows_of(*target, {move.own.value, {}}), goes);
  EXPECT_GT(world.log_of(room, kMinji).events.size(), before.events.size());
  clean(move);
  EXPECT_EQ(rows_of(*source, {slot.value, room}), 0);
  EXPECT_GT(rows_of(*source, {slot.value, neighbour}), stays);
  for (const auto where : {room, neighbour}) {
    const auto head = world.view(where, kMinji).head.seq;
    EXPECT_EQ(world.say(where, kMinji, "그 뒤").seq, head + 1);
    EXPECT_EQ(world.log_of(where, kMinji).events.size(), static_cast<std::size_t>(head + 1));
  }
  const auto another = in_the_same_slot();
  EXPECT_EQ(world.log->map()->slot_of(another), slot) << "new rooms lie where their id hashes to";
  EXPECT_EQ(world.view(another, kMinji).head.seq, 1);
}

TEST_P(SlotIsolation, WritersOfBothRoomsWaitForTheSwitchAndGoOnInTheirOrder) {
  const auto move = isolating(target_name);
  std::vector<chat::Write> writes;
  for (int i = 0; i < 30; ++i) {
    for (const auto where : {room, neighbour})
      writes.push_back(RoomWorld::request(where, kMinji, RoomWorld::text(std::to_string(i))));
  }
  const auto answers = write_over_the_switch(move, std::move(writes));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]) << i << ": " << answers[i].assume_error().detail;
    EXPECT_EQ(answers[i].assume_value().seq, static_cast<Seq>(i / 2) + 2);
  }
}

// The mover has died: whoever writes to the room, or to its neighbour, carries out what was
// decided.
TEST_P(SlotIsolation, ACommittedOneWhoseMoverDiedIsFinishedByTheWritersOfEitherRoom) {
  for (const auto writer_of : {room, neighbour}) {
    const auto move = isolating(target_name, "i" + writer_of.str());
    ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
    drain_all(move);
    ASSERT_TRUE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
    world.log->look_at_map();
    world.say(writer_of, kMinji, "계속");
    EXPECT_EQ(state(*source), SlotState::active);
    world.say(room, kMinji, "여기도");
    EXPECT_EQ(state_of(*target, move.own), SlotState::active);
    clean(move);
    room = in_the_same_slot();  // for the next turn
  }
}

// A row that the room has left behind looks like one of the slot, which goes on.
TEST_P(SlotIsolation, WhoeverLooksWithAnOldMapFindsNothingOldThere) {
  world.say(room, kMinji, "하나");
  const auto old = world.log->map();
  const auto move = isolating(target_name);
  finish(move);
  EXPECT_FALSE(may_read_slot(*source, slot, old->owner_of(slot).epoch).value());
  ASSERT_TRUE(world.write(room, kMinji, chat::RemoveMember{kYoungho}));
  EXPECT_EQ(rooms_of(kYoungho), std::set<RoomId>{neighbour}) << "its old rows are still there";
  EXPECT_EQ(rooms_of(kMinji), (std::set<RoomId>{room, neighbour}));
  clean(move);
  EXPECT_EQ(rooms_of(kMinji), (std::set<RoomId>{room, neighbour}));
}

TEST_P(SlotIsolation, ARoomIsIsolatedWhereItIsAndItsSlotMovesLikeAnyOther) {
  live();
  const auto before = world.log_of(room, kMinji);
  target = world.shard(source_name);
  const auto first = isolating(source_name);
  finish(first);
  clean(first);
  EXPECT_EQ(world.log_of(room, kMinji).events.size(), before.events.size());
  target = world.shard(target_name);
  const NewMove wanted{"m2", first.own, target_name, world.clock.now(), std::chrono::seconds(9),
                       {}};
  const auto second = copied(begin_move(*meta, wanted).assume_value());
  world.say(room, kYoungho, "또 이사");
  finish(second);
  EXPECT_EQ(state_of(*source, first.own), SlotState::gone);
  EXPECT_EQ(world.view(room, kMinji).head.seq, before.head + 1);
  clean(second);
  EXPECT_EQ(rows_of(*source, {first.own.value, {}}), 0);
}

TEST_P(SlotIsolation, WhatIsInTheWayIsRefused) {
  const auto move = isolating(target_name);
  EXPECT_NE(refusal(begin("m2")), "") << "the slot is busy";
  EXPECT_NE(refusal(begin_of(neighbour, target_name, "i2")), "");
  finish(move);
  EXPECT_NE(refusal(begin("m2")).find("respring shard gc --slot"), std::string::npos)
      << "the room's old rows would go along";
  clean(move);
  EXPECT_NE(refusal(begin_of(room, target_name, "i2")).find("of its own"), std::string::npos);
  const auto next = begin_of(neighbour, target_name, "i3");
  ASSERT_TRUE(next) << refusal(next);
  EXPECT_EQ(next.assume_value().own.value, move.own.value + 1);
}

TEST_P(SlotIsolation, OneThatIsTakenBackLeavesNothing) {
  live();
  const auto move = isolating(target_name);
  drain_all(move);
  ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
  world.say(neighbour, kMinji, "아무도 안 옮긴다");  // the writers take it back
  EXPECT_EQ(load_move(*meta, move.id).value()->state, shardmap::MoveState::aborted);
  EXPECT_FALSE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
  settle(move.id);
  EXPECT_EQ(state(*source), SlotState::active);
  EXPECT_EQ(state_of(*target, move.own), SlotState::none);
  EXPECT_EQ(rows_of(*target, {move.own.value, {}}), 0);
  const auto again = isolating(target_name, "i2");
  EXPECT_EQ(again.own, move.own) << "the number is free";
  EXPECT_GT(again.gen, move.gen);
  finish(again);
  const auto said = world.say(room, kMinji, "그래도");
  EXPECT_EQ(said.seq, world.view(room, kMinji).head.seq);
}

INSTANTIATE_TEST_SUITE_P(Adapters, SlotIsolation, ::testing::ValuesIn(all_backends()),
                         name_of_case);

}  // namespace
}  // namespace respring::store
