#include "faulty_backend.h"
#include "room_contract.h"

// I9: a shard that does not answer takes only its own rooms away.
namespace respring::store {
namespace {

class RoomReach : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    faults.only = "shard-1";
    world = std::make_unique<RoomWorld>(backend);
    world->bus.fail(true);
    for (int i = 0; i < 12; ++i) rooms.push_back(world->group());
  }

  chat::ReachableRooms look() {
    auto found = world->wait(world->log->reachable_rooms(kMinji, rooms, true));
    EXPECT_TRUE(found) << found.error().detail;
    return found ? std::move(found).value() : chat::ReachableRooms{};
  }
  std::vector<chat::SyncItem> sync() {
    std::vector<chat::Cursor> cursors;
    for (const auto room : rooms) cursors.push_back({room, 1, 0});
    return world->wait(world->log->sync(kMinji, cursors, 500)).value();
  }
  bool is_reachable(RoomId room) {
    return std::ranges::none_of(gone, [room](RoomId one) { return one == room; });
  }

  std::unique_ptr<StoreBackend> inner = GetParam().make();
  Faults faults;
  FaultyBackend backend{*inner, faults};
  std::unique_ptr<RoomWorld> world;
  std::vector<RoomId> rooms;
  std::vector<RoomId> gone;  // whose shard is dead
};

TEST_P(RoomReach, ADeadShardTakesOnlyItsOwnRoomsAway) {
  EXPECT_EQ(look().views.size(), rooms.size());
  faults.unreachable = true;
  const auto found = look();
  gone = found.unreachable;
  ASSERT_FALSE(found.views.empty());
  ASSERT_FALSE(gone.empty());
  EXPECT_EQ(found.views.size() + gone.size(), rooms.size());
  for (const auto& view : found.views) EXPECT_TRUE(is_reachable(view.id));

  const auto items = sync();
  ASSERT_EQ(items.size(), rooms.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(std::visit([](const auto& item) { return item.room; }, items[i]), rooms[i]);
    EXPECT_EQ(std::holds_alternative<chat::SyncEvents>(items[i]), is_reachable(rooms[i]));
    EXPECT_EQ(std::holds_alternative<chat::SyncUnreachable>(items[i]), !is_reachable(rooms[i]));
  }
  const auto heads = world->wait(world->log->heads(rooms)).value();
  EXPECT_EQ(heads.size(), found.views.size());
  for (const auto& [room, head] : heads) EXPECT_TRUE(is_reachable(room));
}

TEST_P(RoomReach, ItsRoomsAreThereAgainSoonAfterItAnswers) {
  faults.unreachable = true;
  EXPECT_FALSE(look().unreachable.empty());
  faults.unreachable = false;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!look().unreachable.empty())
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody asked the shard again";
  EXPECT_EQ(look().views.size(), rooms.size());
}

TEST_P(RoomReach, WhoeverNeedsOneOfItsRoomsIsToldSo) {
  faults.unreachable = true;
  gone = look().unreachable;
  ASSERT_FALSE(gone.empty());
  EXPECT_EQ(world->error_reading(gone.front(), kMinji), ErrorCode::overloaded);
  EXPECT_FALSE(world->wait(world->log->rooms(kMinji, rooms, false)));
}

RESPRING_ON_ALL_BACKENDS(RoomReach);

}  // namespace
}  // namespace respring::store
