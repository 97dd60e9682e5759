#include "ops/reindex/reindex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/ops/reindex/world.h"

namespace respring::reindex {
namespace {

using testing::Contains;

Checkpoint fresh() {
  Checkpoint checkpoint;
  checkpoint.job = "job";
  checkpoint.begun = from_ms(1'700'000'000'000);
  return checkpoint;
}

TEST(Reindex, WritesEveryRoomOfEveryShardAndEmptiesWhatIsGone) {
  World world;
  world.add_room(0, 3, 30, 1200);
  world.add_room(0, 9, 10, 1);
  world.add_room(1, 4000, 20, 0);
  world.index[RoomId{99}][2] = {RoomId{99}, 2, {}, {}, 1, "of a room that was closed"};
  world.index[RoomId{10}][77] = {RoomId{10}, 77, {}, {}, 1, "of no message"};
  Checkpoint checkpoint = fresh();
  ASSERT_TRUE(run(world, world, checkpoint, {}));
  EXPECT_EQ(checkpoint.stage, Stage::done);
  EXPECT_EQ(checkpoint.rooms, 3);
  EXPECT_EQ(checkpoint.documents, 1201);
  EXPECT_TRUE(world.is_whole());
  EXPECT_THAT(world.cleared, Contains(RoomId{99}));
}

TEST(Reindex, WalksMoreRoomsThanFitAPage) {
  World world;
  for (int room = 1; room <= 450; ++room) world.add_room(room % 2, room, room, 1);
  Checkpoint checkpoint = fresh();
  ASSERT_TRUE(run(world, world, checkpoint, {}));
  EXPECT_EQ(checkpoint.rooms, 450);
  EXPECT_TRUE(world.is_whole());
}

// Wherever it is stopped, going on from the checkpoint ends with the whole index and no room twice.
TEST(Reindex, GoesOnWhereItWasStopped) {
  for (int stop_after = 0; stop_after < 12; ++stop_after) {
    World world;
    for (int room = 1; room <= 3; ++room) world.add_room(0, room, room, 1100);
    world.index[RoomId{50}][2] = {RoomId{50}, 2, {}, {}, 1, "gone"};
    world.index[RoomId{51}][2] = {RoomId{51}, 2, {}, {}, 1, "gone"};
    Checkpoint checkpoint = fresh();
    int asked = 0;
    Hooks hooks;
    hooks.stopping = [&] { return ++asked > stop_after; };
    ASSERT_TRUE(run(world, world, checkpoint, hooks));
    EXPECT_NE(checkpoint.stage, Stage::done) << stop_after;
    const auto stored = checkpoint_from(to_json(checkpoint));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored.value(), checkpoint);
    Checkpoint resumed = stored.value();
    ASSERT_TRUE(run(world, world, resumed, {}));
    EXPECT_EQ(resumed.stage, Stage::done);
    EXPECT_EQ(resumed.rooms, 3);
    EXPECT_EQ(resumed.documents, 3300);
    EXPECT_TRUE(world.is_whole());
  }
}

TEST(Reindex, AFailureSaysHowFarItCame) {
  World world;
  for (int room = 1; room <= 3; ++room) world.add_room(0, room, room, 10);
  world.writes_until_failure = 2;
  Checkpoint checkpoint = fresh();
  const auto done = run(world, world, checkpoint, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "the disk is full");
  EXPECT_EQ(checkpoint.after.room, RoomId{2});
  world.writes_until_failure = -1;
  ASSERT_TRUE(run(world, world, checkpoint, {}));
  EXPECT_TRUE(world.is_whole());
}

TEST(Reindex, WhatIsNoCheckpointIsRefused) {
  for (const char* text : {"", "{}", R"({"job":"a","stage":"soon"})", R"({"stage":"rooms"})"})
    EXPECT_FALSE(checkpoint_from(text)) << text;
}

}  // namespace
}  // namespace respring::reindex
