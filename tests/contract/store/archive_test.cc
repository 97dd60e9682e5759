#include "archive_world.h"

// Events go to the blob store and come back; nobody who reads can tell.
namespace respring::store {
namespace {

class Archive : public ArchiveWorld {};

TEST_P(Archive, NobodyWhoReadsCanTell) {
  old_life();
  new_life();
  expect_same();
  EXPECT_GT(archive(limits()), 5);
  EXPECT_LT(rows_in("message"), 20);
  expect_same();
  EXPECT_TRUE(faults().empty()) << faults().front();
  world.restart();
  expect_same();
}

TEST_P(Archive, SegmentsOfAnyLengthReadTheSame) {
  old_life();
  new_life();
  for (const std::int64_t events : {30, 3, 1}) {
    EXPECT_GT(archive(limits(events)), 0);
    expect_same();
  }
  EXPECT_TRUE(faults().empty());
}

TEST_P(Archive, WhatIsYoungStays) {
  old_life();
  EXPECT_FALSE(next(limits()));
  new_life();
  auto patient = limits();
  patient.older_than = world.clock.now() - 3 * kYear;
  EXPECT_FALSE(next(patient));
}

TEST_P(Archive, TheNewestEventsAndTheNewestMessageStay) {
  old_life();
  world.clock.advance(2 * kYear);
  archive(limits(1));
  EXPECT_EQ(rows_in("message") + rows_in("change_event"), 5);
  for (int i = 0; i < 20; ++i) both(kMinji, chat::Retitle{std::to_string(i)});
  world.clock.advance(2 * kYear);
  archive(limits(1));
  EXPECT_EQ(rows_in("message"), 1);
  expect_same();
}

TEST_P(Archive, ARangeThatIsNotWholeWaits) {
  old_life();
  new_life();
  const auto head = world.view(room, kMinji).head.seq;
  EXPECT_FALSE(next(limits(head)));
  EXPECT_TRUE(next(limits(10)));
}

TEST_P(Archive, ASegmentEndsWhereItsBytesEnd) {
  old_life();
  new_life();
  auto small = limits(30);
  small.bytes = 1;
  const auto segment = next(small);
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->last_seq, 1);
}

TEST_P(Archive, AnObjectIsTheSegmentAndNothingElseIs) {
  old_life();
  new_life();
  const auto segment = next(limits(20));
  ASSERT_TRUE(segment);
  const auto object = encode(*segment);
  EXPECT_EQ(object, encode(*segment));
  const auto back = decode(object);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back.value().messages, segment->messages);
  EXPECT_EQ(back.value().changes, segment->changes);
  for (std::size_t length : {std::size_t{0}, std::size_t{10}, object.size() - 1})
    EXPECT_FALSE(decode(object.substr(0, length)));
  auto hole = *segment;
  hole.messages.pop_back();
  EXPECT_FALSE(decode(encode(hole)));
}

TEST_P(Archive, WhatWasChangedMeanwhileIsNotArchived) {
  old_life();
  const auto target = say(kMinji, "곧 고칠 글");
  for (int i = 0; i < 10; ++i) say(kYoungho, "뒤의 글");
  new_life();
  const auto head = world.view(room, kMinji).head.seq;
  for (int i = 0; i < 2; ++i) {
    const auto segment = next(limits(target + 3));
    ASSERT_TRUE(segment);
    const auto object = upload(*segment);
    both(kMinji, i == 0 ? chat::Command(chat::Edit{target, "고친 글"})
                        : chat::Command(chat::Delete{target}));
    EXPECT_EQ(commit(*segment, object), Archiving::changed);
    // What nobody needs is named, to be removed later.
    EXPECT_EQ(archive_totals(*db()).value().garbage, i + 1);
  }
  EXPECT_EQ(world.view(room, kMinji).head.seq, head + 2);
  expect_same();
}

TEST_P(Archive, AnObjectThatMayBeGoneIsNotArchived) {
  old_life();
  new_life();
  const auto segment = next(limits());
  const auto object = upload(*segment);
  world.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(commit(*segment, object), Archiving::late);
  EXPECT_EQ(claim_garbage(*db(), world.clock.now(), 10).value(), std::vector{object.key});
  EXPECT_EQ(remove_garbage(*db(), world.blobs, world.clock.now()).value(), 1);
  EXPECT_EQ(world.blobs.size(), 0U);
  EXPECT_EQ(commit(*segment, object), Archiving::late);
}

// Whoever removes reads what is due, then asks the blob store, which may take its time.
TEST_P(Archive, AnObjectThatIsBeingRemovedIsNotArchivedByAClockThatIsBehind) {
  old_life();
  new_life();
  const auto segment = next(limits());
  const auto object = upload(*segment);
  const Time ahead = world.clock.now() + std::chrono::hours(2);
  EXPECT_EQ(claim_garbage(*db(), ahead, 10).value(), std::vector{object.key});
  EXPECT_EQ(commit(*segment, object), Archiving::late);
  EXPECT_EQ(claim_garbage(*db(), ahead, 10).value(), std::vector{object.key}) << "until it is gone";
}

TEST_P(Archive, OnlyAnActiveSlotIsTouched) {
  old_life();
  new_life();
  const auto segment = next(limits());
  const auto object = upload(*segment);
  ASSERT_TRUE(db()->run("UPDATE slot_owner SET state='MOVING' WHERE slot=?", key().slot.value));
  EXPECT_EQ(commit(*segment, object), Archiving::moving);
  ASSERT_TRUE(db()->run("UPDATE slot_owner SET state='ACTIVE' WHERE slot=?", key().slot.value));
  EXPECT_EQ(commit(*segment, object), Archiving::done);
}

TEST_P(Archive, ItComesBackByCommandToo) {
  old_life();
  new_life();
  archive(limits());
  ArchivedSegments archived(&world.blobs);
  while (true) {
    const auto row = next_segment(*db(), {shardmap::Slot{-1}, RoomId{}}, 0).value();
    if (!row) break;
    const auto segment = read_segment(world.blobs, *row);
    ASSERT_TRUE(segment);
    ASSERT_EQ(restore_segment(*db(), *row, segment.value(), world.clock.now()).value(),
              Archiving::done);
    EXPECT_EQ(restore_segment(*db(), *row, segment.value(), world.clock.now()).value(),
              Archiving::changed);
  }
  EXPECT_EQ(rows_in("archived_event"), 0);
  expect_same();
  EXPECT_TRUE(faults().empty());
  EXPECT_GT(remove_garbage(*db(), world.blobs, world.clock.now()).value(), 5);
  EXPECT_EQ(world.blobs.size(), 0U);
  expect_same();
}

TEST_P(Archive, WhileTheBlobStoreIsAwayTheRestGoesOn) {
  old_life();
  new_life();
  archive(limits());
  world.restart();  // nothing is kept in memory
  world.blobs.be_away(true);
  using Anchor = chat::HistoryQuery::Anchor;
  EXPECT_EQ(world.history(room, kYoungho, {Anchor::latest, 0, 6}).messages.size(), 6U);
  const auto old = world.wait(world.log->history(kYoungho, room, {Anchor::after, 1, 6}));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, ErrorCode::upstream_unavailable);
  const auto head = world.view(room, kYoungho).head.seq;
  const auto several = world.wait(world.log->messages(kYoungho, {{room, 2}, {room, head}}));
  ASSERT_TRUE(several);
  EXPECT_EQ(several.value().size(), 1U);
  const auto refused = world.write(room, kMinji, chat::Edit{2, "지금은 안 됩니다"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  say(kMinji, "새 글은 갑니다");
  world.blobs.be_away(false);
  expect_same();
}

TEST_P(Archive, ALostOrDamagedObjectIsSaidToBe) {
  old_life();
  new_life();
  archive(limits());
  world.restart();
  const auto keys = world.blobs.list("").value();
  ASSERT_TRUE(world.blobs.put(keys.front(), "nonsense"));
  for (std::size_t i = 1; i < keys.size(); ++i) ASSERT_TRUE(world.blobs.remove(keys[i]));
  for (Seq seq = 1; seq < 12; ++seq) {
    const auto message = world.wait(world.log->message(kMinji, room, seq));
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().code, ErrorCode::internal);
    EXPECT_NE(message.error().detail.find("respring archive verify"), std::string::npos);
  }
}

TEST_P(Archive, WhatWasReadIsKept) {
  old_life();
  new_life();
  archive(limits(30));
  world.restart();
  world.message(room, kMinji, 2);
  const int looks = world.blobs.looks();
  for (int i = 0; i < 5; ++i) world.message(room, kMinji, 3);
  EXPECT_EQ(world.blobs.looks(), looks);
}

TEST_P(Archive, AWalkOverTheShardFindsItsPlace) {
  old_life();
  new_life();
  archive(limits());
  const auto first = next_segment(*db(), {shardmap::Slot{-1}, RoomId{}}, 0).value();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first_seq, 1);
  const auto second = next_segment(*db(), key(), first->last_seq).value();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->first_seq, first->last_seq + 1);
  EXPECT_FALSE(next_segment(*db(), key(), 1'000'000).value());
  const auto live = count_live(*db(), key(), 1'000'000).value();
  EXPECT_EQ(live, 46 - 5);
}

RESPRING_ON_ALL_BACKENDS(Archive);

}  // namespace
}  // namespace respring::store
