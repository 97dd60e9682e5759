#include "ops/reindex/scan.h"

#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>

#include "unit/ops/reindex/world.h"

namespace respring::reindex {
namespace {

/// The write of the first page is under way until that of the second is over; one of them fails.
class OutOfOrder final : public chat::SearchIndex {
 public:
  static constexpr int kPage = 10;

  OutOfOrder(World& world, Seq failing) : world_(world), failing_(failing) {}
  Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
    const Seq first = documents.front().seq;
    if (first == 2) second_is_over_.wait();
    const auto written = first == failing_ ? internal("killed") : world_.write(documents);
    if (first == 2 + kPage) second_is_over_.count_down();
    return written;
  }
  Task<Result<std::vector<chat::SearchHit>>> search(chat::SearchQuery query) override {
    return world_.search(std::move(query));
  }
  Result<std::int64_t> count(RoomId room) override { return world_.count(room); }
  Result<void> clear(RoomId room) override { return world_.clear(room); }

 private:
  World& world_;
  const Seq failing_;
  std::latch second_is_over_{1};
};

// The world of these tests has no half messages, as no database has: it is read while others send.
// Long ones, so that most of the time one is being sent.
TEST(Scan, ReadsWhatIsBeingSentWholeOrNotAtAll) {
  constexpr Seq kLast = 51;
  const std::string text(1'000'000, 'x');
  World world;
  const Place place = world.add_room(0, 1, 1, 0);
  const std::jthread sender([&] {
    for (Seq seq = 2; seq <= kLast; ++seq) world.send(place, UserId{5}, text);
  });
  Mark after{place, 1};
  while (after.seq < kLast) {
    const Page page = world.page(after, 1).value();
    for (const chat::SearchDocument& document : page.documents) {
      ASSERT_EQ(document.room, place.room);
      ASSERT_EQ(document.seq, after.seq + 1);
      ASSERT_TRUE(document.text == text) << "of message " << document.seq;
    }
    after = page.end;
  }
}

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

// The mark passes what is written, and nothing behind what is not, whichever is over first.
TEST(Scan, AFailureBesideAWriteUnderWayLeavesNoGap) {
  for (const Seq failing : {2, 2 + OutOfOrder::kPage}) {
    World world;
    const Place place = world.add_room(0, 1, 1, 1000);
    OutOfOrder index(world, failing);
    Build build;
    ASSERT_FALSE(scan(world, index, build, {}, {.writers = 3, .page = OutOfOrder::kPage}));
    EXPECT_EQ(build.documents, failing - 2);
    EXPECT_EQ(build.done, failing == 2 ? Mark{} : (Mark{place, failing - 1}));
    EXPECT_EQ(world.index[place.room].contains(2), failing != 2);
    ASSERT_TRUE(scan(world, world, build, {}, {.writers = 3, .page = OutOfOrder::kPage}));
    EXPECT_EQ(build.documents, 1000);
    EXPECT_TRUE(world.is_whole());
  }
}

TEST(Scan, WhatIsNoBuildIsRefused) {
  EXPECT_FALSE(build_from(json::Value()));
  EXPECT_FALSE(build_from(json::Object{{"job", "a"}, {"phase", "soon"}}));
  EXPECT_FALSE(build_from(json::Object{{"phase", "scanning"}}));
}

}  // namespace
}  // namespace respring::reindex
