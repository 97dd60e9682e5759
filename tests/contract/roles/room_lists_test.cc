#include <gmock/gmock.h>

#include "role_world.h"

// What the room role does for the others.
namespace respring::roles {
namespace {

class RoomListsRole : public RoleTest {
 protected:
  void SetUp() override {
    minji = person("minji");
    youngho = person("youngho");
  }
  UserId person(const std::string& handle) {
    user::NewAccount account{handle, "사람", Secret<std::string>("a password")};
    const auto made = world.wait(world.users->register_user(std::move(account), "192.0.2.1"));
    EXPECT_TRUE(made) << made.assume_error().detail;
    return made ? made.value().id : UserId{};
  }
  static room::Deadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(20);
  }
  RoomId group() {
    const auto made = world.wait(world.rooms->create_group({minji, soon()}, "모임", {youngho}));
    EXPECT_TRUE(made) << made.assume_error().detail;
    return made ? made.value().room.id : RoomId{};
  }
  chat::RoomLists& lists() { return world.lists(GetParam()); }

  UserId minji, youngho;
};

TEST_P(RoomListsRole, ListsTheRoomsOfAUser) {
  EXPECT_TRUE(world.wait(lists().rooms_of(minji)).value().empty());
  const auto first = group();
  const auto second = group();
  const auto rooms = ask([&](Where where) { return world.lists(where).rooms_of(youngho); });
  ASSERT_TRUE(rooms);
  EXPECT_THAT(rooms.value(), ::testing::UnorderedElementsAre(first, second));
  EXPECT_TRUE(world.wait(lists().rooms_of(UserId{})).value().empty());
}

TEST_P(RoomListsRole, FindsTheDirectRoomOfTwo) {
  const auto none = world.wait(lists().direct_room(minji, youngho));
  ASSERT_TRUE(none);
  EXPECT_FALSE(none.value());
  const auto made = world.wait(world.rooms->open_direct({minji, soon()}, youngho));
  ASSERT_TRUE(made) << made.assume_error().detail;
  EXPECT_EQ(world.wait(lists().direct_room(minji, youngho)).value(), made.value().room.id);
  EXPECT_EQ(world.wait(lists().direct_room(youngho, minji)).value(), made.value().room.id);
}

TEST_P(RoomListsRole, ForgetsAUser) {
  group();
  ASSERT_TRUE(world.wait(lists().forget_user(youngho)));
  EXPECT_TRUE(world.wait(lists().rooms_of(youngho)).value().empty());
  EXPECT_EQ(world.wait(lists().rooms_of(minji)).value().size(), 1u);
  EXPECT_TRUE(world.wait(lists().forget_user(youngho)));  // may be repeated
}

RESPRING_HERE_AND_THERE(RoomListsRole);

}  // namespace
}  // namespace respring::roles
