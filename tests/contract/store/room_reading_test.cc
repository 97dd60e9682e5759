#include <limits>

#include "room_contract.h"

// What readers get: history, the log, and what a resumed cursor meets.
namespace respring::store {
namespace {

using Anchor = chat::HistoryQuery::Anchor;

class RoomReading : public RoomContract {
 protected:
  // 20 messages with a change behind every fourth: seqs 2-5, (6), 7-10, (11), …
  RoomId busy_room() {
    const auto room = world.group();
    for (int i = 1; i <= 20; ++i) {
      world.say(room, kMinji, std::to_string(i));
      if (i % 4 == 0) {
        EXPECT_TRUE(world.write(room, kMinji, chat::Retitle{std::to_string(i)}));
      }
    }
    return room;
  }
  static std::vector<Ordinal> ordinals(const chat::History& page) {
    std::vector<Ordinal> all;
    for (const auto& message : page.messages) all.push_back(message.ordinal);
    return all;
  }
  static std::vector<Ordinal> range(Ordinal from, Ordinal to) {
    std::vector<Ordinal> all;
    for (auto i = from; i <= to; ++i) all.push_back(i);
    return all;
  }
};

TEST_P(RoomReading, HistoryFromTheEndBackwardsMeetsEveryMessageOnce) {
  const auto room = busy_room();
  auto page = world.history(room, kYoungho, {Anchor::latest, 0, 6});
  EXPECT_EQ(ordinals(page), range(15, 20));
  EXPECT_FALSE(page.has_newer);
  std::vector<Ordinal> seen = ordinals(page);
  while (page.has_older) {
    page = world.history(room, kYoungho, {Anchor::before, page.messages.front().seq, 6});
    EXPECT_TRUE(page.has_newer);
    const auto some = ordinals(page);
    seen.insert(seen.begin(), some.begin(), some.end());
  }
  EXPECT_EQ(seen, range(1, 20));
}

TEST_P(RoomReading, HistoryForwards) {
  const auto room = busy_room();
  auto page = world.history(room, kYoungho, {Anchor::after, 1, 7});
  EXPECT_EQ(ordinals(page), range(1, 7));
  EXPECT_FALSE(page.has_older);
  EXPECT_TRUE(page.has_newer);
  page = world.history(room, kYoungho, {Anchor::after, page.messages.back().seq, 100});
  EXPECT_EQ(ordinals(page), range(8, 20));
  EXPECT_TRUE(page.has_older);
  EXPECT_FALSE(page.has_newer);
}

TEST_P(RoomReading, HistoryAroundAMessageHasItInTheMiddle) {
  const auto room = busy_room();
  // seq 12 is ordinal 9; 11 is a change, so the nearest before it is 10, ordinal 8.
  auto page = world.history(room, kYoungho, {Anchor::around, 12, 5});
  EXPECT_EQ(ordinals(page), range(7, 11));
  EXPECT_TRUE(page.has_older);
  EXPECT_TRUE(page.has_newer);
  page = world.history(room, kYoungho, {Anchor::around, 11, 5});
  EXPECT_EQ(ordinals(page), range(6, 10));
  page = world.history(room, kYoungho, {Anchor::around, 12, 1});
  EXPECT_EQ(ordinals(page), range(9, 9));
  page = world.history(room, kYoungho, {Anchor::around, 9'999, 4});
  EXPECT_EQ(ordinals(page), range(18, 20));
  EXPECT_FALSE(page.has_newer);
}

TEST_P(RoomReading, EmptyPagesSayOnWhichSideTheMessagesAre) {
  const auto room = busy_room();
  auto page = world.history(room, kYoungho, {Anchor::before, 1, 5});
  EXPECT_TRUE(page.messages.empty());
  EXPECT_FALSE(page.has_older);
  EXPECT_TRUE(page.has_newer);
  page = world.history(room, kYoungho, {Anchor::after, 1'000, 5});
  EXPECT_TRUE(page.messages.empty());
  EXPECT_TRUE(page.has_older);
  EXPECT_FALSE(page.has_newer);
  page = world.history(world.group(), kYoungho, {});
  EXPECT_TRUE(page.messages.empty());
  EXPECT_FALSE(page.has_older);
  EXPECT_FALSE(page.has_newer);
  for (const auto seq : {std::numeric_limits<Seq>::max(), Seq{0}, std::numeric_limits<Seq>::min()})
    for (const auto anchor : {Anchor::before, Anchor::after, Anchor::around})
      EXPECT_LE(world.history(room, kYoungho, {anchor, seq, 5}).messages.size(), 5U);
}

TEST_P(RoomReading, TheLogIsDenseWhateverThePageSize) {
  const auto room = busy_room();
  for (const int limit : {1, 3, 7, 500}) {
    Seq after = 0;
    while (true) {
      const auto page = world.log_of(room, kYoungho, after, limit);
      EXPECT_EQ(page.head, 26);
      EXPECT_EQ(page.epoch, 1);
      for (const auto& event : page.events) ASSERT_EQ(event.seq, ++after);
      if (page.events.empty()) break;
      ASSERT_LE(page.events.size(), static_cast<std::size_t>(limit));
    }
    EXPECT_EQ(after, 26);
  }
  EXPECT_TRUE(world.log_of(room, kYoungho, std::numeric_limits<Seq>::max(), 5).events.empty());
}

TEST_P(RoomReading, TheLogCarriesReactions) {
  const auto room = world.group();
  world.say(room, kMinji, "하나");
  world.say(room, kMinji, "둘");
  ASSERT_TRUE(world.write(room, kYoungho, chat::React{3, "👍", true}));
  const auto log = world.log_of(room, kYoungho);
  EXPECT_TRUE(std::get<chat::Sent>(log.events[1].body).message.reactions.empty());
  EXPECT_EQ(std::get<chat::Sent>(log.events[2].body).message.reactions,
            (chat::Reactions{{"👍", {kYoungho}}}));
}

TEST_P(RoomReading, ANodeReadsFromTheFirstEventOnWhoeverItServes) {
  const auto room = busy_room();
  const auto page = world.wait(world.log->log_for_node(room, 0, 500));
  ASSERT_TRUE(page);
  EXPECT_EQ(page.assume_value().events.size(), 26U);
  const auto heads = world.wait(world.log->heads({room, new_id<RoomId>()}));
  ASSERT_TRUE(heads);
  ASSERT_EQ(heads.assume_value().size(), 1U);
  EXPECT_EQ(heads.assume_value()[0].first, room);
  EXPECT_EQ(heads.assume_value()[0].second.seq, 26);
  EXPECT_EQ(heads.assume_value()[0].second.ordinal, 20);
}

TEST_P(RoomReading, SyncAnswersEachCursorInOrder) {
  const auto behind = busy_room();
  const auto current = world.group();
  const auto far_behind = busy_room();
  const auto unknown = new_id<RoomId>();
  const auto other_epoch = world.group();
  const auto ahead = world.group();
  const auto items = world.wait(world.log->sync(kYoungho,
                                                {{behind, 1, 20},
                                                 {unknown, 1, 1},
                                                 {current, 1, 1},
                                                 {far_behind, 1, 0},
                                                 {other_epoch, 2, 1},
                                                 {ahead, 1, 2}},
                                                10));
  ASSERT_TRUE(items);
  const auto& all = items.assume_value();
  ASSERT_EQ(all.size(), 6U);
  const auto& missed = std::get<chat::SyncEvents>(all[0]);
  EXPECT_EQ(missed.room, behind);
  ASSERT_EQ(missed.events.size(), 6U);
  EXPECT_EQ(missed.events.front().seq, 21);
  EXPECT_EQ(std::get<chat::SyncGone>(all[1]).room, unknown);
  EXPECT_TRUE(std::get<chat::SyncEvents>(all[2]).events.empty());
  const auto& limited = std::get<chat::SyncLimited>(all[3]);
  EXPECT_EQ(limited.from, 1);
  EXPECT_EQ(limited.to, 26);
  EXPECT_EQ(std::get<chat::SyncReset>(all[4]).epoch, 1);
  EXPECT_EQ(std::get<chat::SyncReset>(all[5]).head, 1);
}

TEST_P(RoomReading, SyncOfALaterMemberBeginsWithHisArrival) {
  const auto room = busy_room();
  ASSERT_TRUE(world.write(room, kMinji, chat::SetMember{kSunja, {}, false}));  // 27
  const auto items = world.wait(world.log->sync(kSunja, {{room, 1, 3}}, 10));
  const auto& events = std::get<chat::SyncEvents>(items.assume_value()[0]).events;
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].seq, 27);
}

TEST_P(RoomReading, SeveralMessagesAtOnceLeaveOutWhatIsNotVisible) {
  const auto one = busy_room();
  const auto two = world.group({kSunja});
  world.say(two, kMinji, "x");
  const auto found =
      world.wait(world.log->messages(kYoungho, {{one, 3}, {two, 2}, {one, 6}, {one, 2}}));
  ASSERT_TRUE(found);
  ASSERT_EQ(found.assume_value().size(), 2U);
  EXPECT_EQ(found.assume_value()[0].seq, 3);
  EXPECT_EQ(found.assume_value()[1].seq, 2);
}

TEST_P(RoomReading, APersonsOwnMessagesAreFoundForExport) {
  const auto room = world.group();
  for (int i = 0; i < 6; ++i) world.say(room, i % 2 == 0 ? kMinji : kYoungho, std::to_string(i));
  ASSERT_TRUE(world.write(room, kMinji, chat::Delete{4}));
  const auto mine = world.wait(world.log->messages_by(kMinji, room, 0, 10));
  ASSERT_TRUE(mine);
  ASSERT_EQ(mine.assume_value().size(), 2U);
  EXPECT_EQ(mine.assume_value()[0].seq, 2);
  EXPECT_EQ(mine.assume_value()[1].seq, 6);
}

RESPRING_ON_ALL_BACKENDS(RoomReading);

}  // namespace
}  // namespace respring::store
