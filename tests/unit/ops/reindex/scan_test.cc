#include "ops/reindex/scan.h"

#include <gtest/gtest.h>

#include "unit/ops/reindex/world.h"

namespace respring::reindex {
namespace {

TEST(Scan, WritesEveryMessageOfEveryRoom) {
  World world;
  for (int room = 1; room <= 50; ++room) world.add_room(room % 2, room, room, room);
  Build build;
  const auto all = scan(world, world, build, {}, {.writers = 3, .page = 7});
  ASSERT_TRUE(all);
  EXPECT_TRUE(all.value());
  EXPECT_EQ(build.documents, 50 * 51 / 2);
  EXPECT_TRUE(world.is_whole());
}

// Wherever it is stopped, nothing before the mark is missing, and going on writes the rest.
TEST(Scan, GoesOnWhereItWasStopped) {
  for (int stop_after = 0; stop_after < 12; ++stop_after) {
    World world;
    for (int room = 1; room <= 3; ++room) world.add_room(0, room, room, 30);
    Build build;
    int asked = 0;
    BuildHooks hooks;
    hooks.stopping = [&] { return ++asked > stop_after; };
    const auto all = scan(world, world, build, hooks, {.writers = 2, .page = 7});
    ASSERT_TRUE(all);
    EXPECT_FALSE(all.value());
    EXPECT_EQ(build.documents, 7 * stop_after) << "what was read is written before it returns";
    const auto stored = build_from([&] {
      build.job = "job";
      return to_json(build);
    }());
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored.value(), build);
    Build resumed = stored.value();
    ASSERT_TRUE(scan(world, world, resumed, {}, {.writers = 2, .page = 7}));
    EXPECT_EQ(resumed.documents, 90);
    EXPECT_TRUE(world.is_whole());
  }
}

TEST(Scan, AFailureLeavesTheMarkBeforeWhatIsMissing) {
  World world;
  world.add_room(0, 1, 1, 1000);
  world.writes_until_failure = 5;
  Build build;
  const auto all = scan(world, world, build, {}, {.writers = 3, .page = 10});
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().detail, "the disk is full");
  EXPECT_LE(build.documents, 50);
  world.writes_until_failure = -1;
  ASSERT_TRUE(scan(world, world, build, {}, {.writers = 3, .page = 10}));
  EXPECT_TRUE(world.is_whole());
}

TEST(Scan, WhatIsNoBuildIsRefused) {
  EXPECT_FALSE(build_from(json::Value()));
  EXPECT_FALSE(build_from(json::Object{{"job", "a"}, {"phase", "soon"}}));
  EXPECT_FALSE(build_from(json::Object{{"phase", "scanning"}}));
}

}  // namespace
}  // namespace respring::reindex
