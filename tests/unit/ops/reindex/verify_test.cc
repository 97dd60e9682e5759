#include "ops/reindex/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/ops/reindex/world.h"

namespace respring::reindex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

void agree(World& world) {
  for (int room = 1; room <= 3; ++room) {
    const Place place = world.add_room(0, room, room, 100);
    world.index[place.room] = world.logs[place];
  }
}

Verdict verdict_of(World& world, const VerifyOptions& options) {
  auto verdict = verify(world, world, options);
  EXPECT_TRUE(verdict);
  return std::move(verdict).value();
}

TEST(VerifyIndex, AgreesWithItself) {
  World world;
  agree(world);
  const Verdict sampled = verdict_of(world, {});
  EXPECT_EQ(sampled.found, 0);
  EXPECT_EQ(sampled.rooms, 3);
  EXPECT_LT(sampled.compared, 300);
  EXPECT_GT(sampled.compared, 0);
  EXPECT_EQ(verdict_of(world, {.full = true}).compared, 300);
}

TEST(VerifyIndex, AMissingMessageShowsInTheCountAndAtTheEnds) {
  World world;
  agree(world);
  world.index[RoomId{2}].erase(101);  // the newest
  world.index[RoomId{3}].erase(50);   // in the middle: only the count tells, unless all are read
  const Verdict sampled = verdict_of(world, {});
  EXPECT_THAT(sampled.differences,
              UnorderedElementsAre(Difference{RoomId{2}, 0, "has 100 messages, the index 99"},
                                   Difference{RoomId{2}, 101, "is not in the index"},
                                   Difference{RoomId{3}, 0, "has 100 messages, the index 99"}));
  EXPECT_EQ(verdict_of(world, {.full = true}).found, 4);
}

TEST(VerifyIndex, OldVersionsAndUndeadMessagesAreFound) {
  World world;
  agree(world);
  Documents& log = world.logs[Place{0, 1, RoomId{1}}];
  log[2].version = 2;  // edited, the index did not hear of it
  log[3].version = 2;
  log[3].text.reset();                    // deleted …
  world.index[RoomId{1}][3].version = 2;  // … and still found
  const Verdict verdict = verdict_of(world, {.full = true});
  EXPECT_THAT(verdict.differences,
              ElementsAre(Difference{RoomId{1}, 0, "has 99 messages, the index 100"},
                          Difference{RoomId{1}, 2, "is version 1 in the index, not 2"},
                          Difference{RoomId{1}, 3, "is still found although it was deleted"}));
}

TEST(VerifyIndex, AnotherTextOfTheSameVersionIsFound) {
  World world;
  agree(world);
  world.index[RoomId{1}][2].text = "altered";
  EXPECT_THAT(verdict_of(world, {}).differences,
              ElementsAre(Difference{RoomId{1}, 2, "has another text in the index"}));
}

TEST(VerifyIndex, WhatCameLaterIsNotCompared) {
  World world;
  agree(world);
  const Room room{Place{0, 1, RoomId{1}}, 50, 49};
  world.index[RoomId{1}].erase(51);
  auto verdict = verify_rooms(world, world, {room}, {.full = true});
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict.value().found, 0);
  EXPECT_EQ(verdict.value().compared, 49);
}

TEST(VerifyIndex, AMessageThatWasDeletedEarlyMayBeMissing) {
  World world;
  agree(world);
  world.logs[Place{0, 1, RoomId{1}}][5].text.reset();
  world.index[RoomId{1}].erase(5);
  EXPECT_EQ(verdict_of(world, {.full = true}).found, 0);
}

TEST(VerifyIndex, OneRoomOrAFewAreLookedAtAlone) {
  World world;
  agree(world);
  world.index[RoomId{3}].clear();
  EXPECT_EQ(verdict_of(world, {.room = RoomId{1}}).found, 0);
  EXPECT_GT(verdict_of(world, {.room = RoomId{3}}).found, 0);
  EXPECT_EQ(verdict_of(world, {.most_rooms = 2}).rooms, 2);
  const Verdict from = verdict_of(world, {.from = Place{0, 2, RoomId{2}}});
  EXPECT_EQ(from.rooms, 1);
}

TEST(VerifyIndex, DifferencesAreBoundedAndCounted) {
  World world;
  agree(world);
  for (auto& [room, documents] : world.index) documents.clear();
  const Verdict verdict = verdict_of(world, {.full = true});
  EXPECT_EQ(verdict.differences.size(), kMostDifferences);
  EXPECT_EQ(verdict.found, 303);
}

}  // namespace
}  // namespace respring::reindex
