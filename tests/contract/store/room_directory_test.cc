#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "backends.h"
#include "contract/waiting.h"
#include "room_world.h"
#include "store/room_directory.h"

// Reserved rooms, people's lists, invitations.
namespace respring::store {
namespace {

class Directory : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    auto opened = RoomDirectory::open({backend->database("room"), &clock});
    ASSERT_TRUE(opened) << opened.assume_error().detail;
    directory = std::move(opened).assume_value();
  }
  chat::ReservedRoom reserve_direct(UserId a, UserId b) {
    chat::ReservedRoom room;
    room.creator = a;
    room.kind = chat::RoomKind::direct;
    room.founders = {{a}, {b}};
    return wait(directory->reserve(room)).value();
  }
  std::vector<RoomId> list_of(UserId user) {
    std::vector<RoomId> rooms;
    const auto all = wait(directory->rooms_of(user)).value();
    for (const auto& listed : all) rooms.push_back(listed.room);
    return rooms;
  }

  std::unique_ptr<StoreBackend> backend = GetParam().make();
  ManualClock clock;
  testing::Waiting wait;
  std::unique_ptr<RoomDirectory> directory;
};

TEST_P(Directory, APairHasOneDirectRoom) {
  const auto first = reserve_direct(kMinji, kYoungho);
  EXPECT_FALSE(first.active);
  EXPECT_EQ(reserve_direct(kYoungho, kMinji).room, first.room);
  EXPECT_NE(reserve_direct(kMinji, kSunja).room, first.room);
  ASSERT_TRUE(wait(directory->activate(first.room)));
  const auto again = reserve_direct(kYoungho, kMinji);
  EXPECT_TRUE(again.active);
  EXPECT_EQ(again.creator, kMinji);  // as it was reserved, not as it was asked for again
  EXPECT_EQ(wait(directory->direct_room(kYoungho, kMinji)).value(), first.room);
  EXPECT_FALSE(wait(directory->direct_room(kYoungho, kSunja)).value());
}

TEST_P(Directory, APairThatAsksTwiceAtTheSameTimeGetsOneRoom) {
  std::vector<RoomId> rooms(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < rooms.size(); ++i)
    threads.emplace_back([&, i] {
      chat::ReservedRoom room;
      room.kind = chat::RoomKind::direct;
      room.creator = i % 2 == 0 ? kMinji : kYoungho;
      room.founders = {{kMinji}, {kYoungho}};
      rooms[i] = wait(directory->reserve(room)).value().room;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::ranges::count(rooms, rooms[0]), 8);
}

TEST_P(Directory, WhatACrashLeftUnfinishedIsFoundWithAllThatIsNeededToFinishIt) {
  chat::ReservedRoom room;
  room.creator = kMinji;
  room.title = "등산";
  room.founders = {{kMinji, chat::Role::owner}, {kYoungho, chat::Role::admin}};
  const auto reserved = wait(directory->reserve(room)).value();
  EXPECT_TRUE(wait(directory->unfinished(clock.now(), 10)).value().empty());
  clock.advance(std::chrono::minutes(1));
  const auto open = wait(directory->unfinished(clock.now(), 10)).value();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].room, reserved.room);
  EXPECT_EQ(open[0].title, "등산");
  EXPECT_EQ(open[0].founders, room.founders);
  ASSERT_TRUE(wait(directory->activate(reserved.room)));
  EXPECT_TRUE(wait(directory->unfinished(clock.now(), 10)).value().empty());
}

TEST_P(Directory, ListChangesMayComeInAnyOrderAndAgain) {
  const RoomId room{7};
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kMinji, kYoungho}, 1)));
  ASSERT_TRUE(wait(directory->take_from_list(room, kYoungho, 5)));
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kMinji, kYoungho}, 1)));  // once more
  EXPECT_EQ(list_of(kMinji), (std::vector<RoomId>{room}));
  EXPECT_TRUE(list_of(kYoungho).empty());
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kYoungho}, 9)));
  ASSERT_TRUE(wait(directory->take_from_list(room, kYoungho, 5)));  // late
  EXPECT_EQ(list_of(kYoungho), (std::vector<RoomId>{room}));
  ASSERT_TRUE(wait(directory->take_from_list(room, kSunja, 4)));  // before her arrival is known
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kSunja}, 3)));
  EXPECT_TRUE(list_of(kSunja).empty());
  EXPECT_EQ(wait(directory->users_of(room)).value(), (std::vector<UserId>{kMinji, kYoungho}));
}

TEST_P(Directory, PreferencesAreEachPersonsOwnAndOutliveTheList) {
  const RoomId room{7};
  ASSERT_TRUE(wait(directory->set_preferences(kMinji, room, true, {})));
  EXPECT_TRUE(list_of(kMinji).empty());
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kMinji, kYoungho}, 1)));
  ASSERT_TRUE(wait(directory->set_preferences(kMinji, room, {}, true)));
  const auto listed = wait(directory->rooms_of(kMinji)).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_TRUE(listed[0].muted);
  EXPECT_TRUE(listed[0].pinned);
  EXPECT_FALSE(wait(directory->rooms_of(kYoungho)).value()[0].muted);
}

TEST_P(Directory, ARemovedRoomLeavesAllListsAndTakesItsInvitations) {
  const RoomId room{7};
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kMinji, kYoungho}, 1)));
  ASSERT_TRUE(wait(directory->add_invite({"code", room, kMinji, {}, {}})));
  ASSERT_TRUE(wait(directory->remove_room(room)));
  ASSERT_TRUE(wait(directory->put_in_lists(room, {kMinji}, 8)));  // a late event
  EXPECT_TRUE(list_of(kMinji).empty());
  EXPECT_FALSE(wait(directory->invite("code", clock.now())).value());
}

TEST_P(Directory, AnInvitationEndsByTimeOrByUse) {
  const auto now = clock.now();
  const RoomId room{7};
  ASSERT_TRUE(wait(directory->add_invite({"twice", room, kMinji, {}, 2})));
  ASSERT_TRUE(wait(directory->add_invite({"hour", room, kMinji, now + std::chrono::hours(1), {}})));
  EXPECT_EQ(wait(directory->use_invite("twice", now)).value()->uses_left, 1);
  EXPECT_EQ(wait(directory->use_invite("twice", now)).value()->room, room);
  EXPECT_FALSE(wait(directory->use_invite("twice", now)).value());
  EXPECT_FALSE(wait(directory->invite("twice", now)).value());
  EXPECT_TRUE(wait(directory->use_invite("hour", now)).value());
  EXPECT_TRUE(wait(directory->use_invite("hour", now)).value());
  EXPECT_FALSE(wait(directory->use_invite("hour", now + std::chrono::hours(1))).value());
  EXPECT_FALSE(wait(directory->use_invite("unknown", now)).value());
}

INSTANTIATE_TEST_SUITE_P(Adapters, Directory, ::testing::ValuesIn(all_backends()), name_of_case);

}  // namespace
}  // namespace respring::store
