#include "role_world.h"

// What is read of room logs: whoever asks cannot tell where the message role runs.
namespace respring::roles {
namespace {

using Anchor = chat::HistoryQuery::Anchor;

class RoomLogReading : public RoleTest {
 protected:
  /// Every kind of event and of message.
  RoomId busy_room() {
    RoomWorld& w = world.room_world;
    const auto room = w.group({kYoungho, kSunja});
    for (int i = 1; i <= 12; ++i) w.say(room, i % 2 ? kMinji : kYoungho, "말 " + std::to_string(i));
    chat::Send answer = RoomWorld::text("답\n\"따옴표\" \\ 👩‍👧");
    answer.reply_to = 3;
    answer.meta = R"({"a":[[[[[[[[[[[[[[1.5]]]]]]]]]]]]]],"나":{"b":null}})";
    EXPECT_TRUE(w.write(room, kSunja, answer));
    EXPECT_TRUE(w.write(room, kMinji, chat::Edit{2, "고친 말"}));
    EXPECT_TRUE(w.write(room, kYoungho, chat::Delete{3}));
    EXPECT_TRUE(w.write(room, kSunja, chat::React{4, "👍", true}));
    EXPECT_TRUE(w.write(room, kMinji, chat::React{4, "👍", true}));
    EXPECT_TRUE(w.write(room, kMinji, chat::React{4, "🎉", true}));
    EXPECT_TRUE(w.write(room, kMinji, chat::Retitle{"새 이름"}));
    EXPECT_TRUE(w.write(room, kMinji, chat::SetMember{kSunja, chat::Role::admin, false}));
    EXPECT_TRUE(w.write(room, kMinji, chat::SetMember{UserId{104}, {}, false}));
    EXPECT_TRUE(w.write(room, kMinji, chat::RemoveMember{UserId{104}}));
    EXPECT_TRUE(w.write(room, kYoungho, chat::Read{5}));
    return room;
  }
};

TEST_P(RoomLogReading, History) {
  const auto room = busy_room();
  for (const auto anchor : {Anchor::latest, Anchor::before, Anchor::after, Anchor::around}) {
    const auto page = ask([&](Where where) {
      return world.log(where).history(kYoungho, room, {anchor, 6, 5});
    });
    ASSERT_TRUE(page);
    EXPECT_GE(page.value().messages.size(), 4u);
  }
  const auto refused =
      ask([&](Where where) { return world.log(where).history(kStranger, room, {}); });
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

TEST_P(RoomLogReading, Messages) {
  const auto room = busy_room();
  for (const Seq seq : {2, 3, 4, 14, 15, 999, 0, -1}) {
    const auto found =
        ask([&](Where where) { return world.log(where).message(kMinji, room, seq); });
    EXPECT_EQ(found.has_value(), seq >= 2 && seq <= 14) << seq;
  }
  const auto several = ask([&](Where where) {
    return world.log(where).messages(kMinji, {{room, 2}, {RoomId{5}, 1}, {room, 999}, {room, 4}});
  });
  ASSERT_TRUE(several);
  EXPECT_EQ(several.value().size(), 2u);
  std::vector<std::pair<RoomId, Seq>> many(450, {room, 999});
  many.emplace_back(room, 2);
  const auto last = ask([&](Where where) { return world.log(where).messages(kMinji, many); });
  ASSERT_TRUE(last);
  EXPECT_EQ(last.value().size(), 1u);
}

TEST_P(RoomLogReading, Log) {
  const auto room = busy_room();
  const auto page = ask([&](Where where) { return world.log(where).log(kSunja, room, 0, 500); });
  ASSERT_TRUE(page);
  EXPECT_EQ(std::ssize(page.value().events), page.value().head);
  const auto piece = ask([&](Where where) { return world.log(where).log_for_node(room, 7, 3); });
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece.value().events.front().seq, 8);
  EXPECT_EQ(piece.value().events.size(), 3u);
  EXPECT_FALSE(ask([&](Where where) { return world.log(where).log(kStranger, room, 0, 1); }));
  EXPECT_FALSE(ask([&](Where where) { return world.log(where).log_for_node(RoomId{}, 0, 1); }));
}

TEST_P(RoomLogReading, Sync) {
  const auto room = busy_room();
  const auto quiet = world.room_world.group();
  const std::vector<chat::Cursor> cursors{{room, 1, 10}, {room, 1, 0},     {quiet, 1, 1},
                                          {quiet, 9, 1}, {RoomId{}, 0, 0}, {RoomId{77}, 1, 1}};
  const auto items = ask([&](Where where) { return world.log(where).sync(kMinji, cursors, 15); });
  ASSERT_TRUE(items);
  ASSERT_EQ(items.value().size(), cursors.size());
  EXPECT_TRUE(std::holds_alternative<chat::SyncEvents>(items.value()[0]));
  EXPECT_TRUE(std::holds_alternative<chat::SyncLimited>(items.value()[1]));
  EXPECT_TRUE(std::holds_alternative<chat::SyncEvents>(items.value()[2]));
  EXPECT_TRUE(std::holds_alternative<chat::SyncReset>(items.value()[3]));
  EXPECT_TRUE(std::holds_alternative<chat::SyncGone>(items.value()[4]));
  EXPECT_TRUE(std::holds_alternative<chat::SyncGone>(items.value()[5]));
}

TEST_P(RoomLogReading, ALongSyncComesInPieces) {
  const auto room = world.room_world.group();
  const std::string longest(4000, '\n');  // two bytes each in JSON
  std::vector<chat::Write> writes;
  for (int i = 0; i < 200; ++i)
    writes.push_back(RoomWorld::request(room, kMinji, RoomWorld::text("가" + longest + "나")));
  for (const auto& written : world.room_world.write_together(std::move(writes)))
    ASSERT_TRUE(written) << written.assume_error().detail;
  // 30 times 1.6 MB: more than an answer may hold, and more cursors than a call.
  std::vector<chat::Cursor> cursors(230, {RoomId{77}, 1, 1});
  cursors.insert(cursors.begin(), 30, {room, 1, 0});
  const auto items = world.wait(log().sync(kMinji, cursors, 500));
  ASSERT_TRUE(items) << items.assume_error().detail;
  ASSERT_EQ(items.value().size(), cursors.size());
  for (std::size_t i = 0; i < 30; ++i)
    EXPECT_EQ(std::get<chat::SyncEvents>(items.value()[i]).events.size(), 201u);
  EXPECT_EQ(std::get<chat::SyncGone>(items.value().back()).room, RoomId{77});
}

TEST_P(RoomLogReading, RoomsAndHeads) {
  std::vector<RoomId> rooms{busy_room(), world.room_world.group(), world.room_world.direct(),
                            RoomId{77}};
  for (const bool with_last : {false, true}) {
    const auto views =
        ask([&](Where where) { return world.log(where).rooms(kYoungho, rooms, with_last); });
    ASSERT_TRUE(views);
    EXPECT_EQ(views.value().size(), 3u);
  }
  const auto heads = ask([&](Where where) { return world.log(where).heads(rooms); });
  ASSERT_TRUE(heads);
  EXPECT_EQ(heads.value().size(), 3u);
  const auto of_user = ask(
      [&](Where where) { return world.log(where).rooms_of(kSunja, chat::Memberships::present); });
  ASSERT_TRUE(of_user);
  EXPECT_EQ(of_user.value(), std::vector{rooms[0]});
  rooms.insert(rooms.begin(), 4500, RoomId{78});
  EXPECT_EQ(world.wait(log().heads(rooms)).value().size(), 3u);
  EXPECT_EQ(world.wait(log().rooms(kYoungho, rooms, false)).value().size(), 3u);
  EXPECT_TRUE(world.wait(log().rooms(kYoungho, {}, false)).value().empty());
}

TEST_P(RoomLogReading, Members) {
  const auto room = busy_room();
  const auto first =
      ask([&](Where where) { return world.log(where).members(kMinji, room, std::nullopt, 2); });
  ASSERT_TRUE(first);
  ASSERT_EQ(first.value().size(), 2u);
  const auto rest = ask([&](Where where) {
    return world.log(where).members(kMinji, room, first.value().back(), 10);
  });
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest.value().size(), 1u);
  const auto all = ask([&](Where where) { return world.log(where).members_for_node(room); });
  ASSERT_TRUE(all);
  EXPECT_EQ(all.value().size(), 3u);
  EXPECT_FALSE(ask([&](Where where) { return world.log(where).members_for_node(RoomId{77}); }));
}

TEST_P(RoomLogReading, MessagesBySomebody) {
  const auto room = busy_room();
  const auto own =
      ask([&](Where where) { return world.log(where).messages_by(kMinji, room, 2, 3); });
  ASSERT_TRUE(own);
  ASSERT_EQ(own.value().size(), 3u);
  EXPECT_EQ(own.value().front().seq, 4);
}

RESPRING_HERE_AND_THERE(RoomLogReading);

}  // namespace
}  // namespace respring::roles
