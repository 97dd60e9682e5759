#include <random>

#include "archive_world.h"
#include "slot_move_world.h"

// Writes about archived events: what they need comes back first, and nobody can tell.
namespace respring::store {
namespace {

class ArchiveWrites : public ArchiveWorld {
 protected:
  void SetUp() override {
    old_life();
    new_life();
    archive(limits());
  }
  Seq a_message(UserId sender) {
    Seq found = 0;
    const auto all = world.wait(world.log->messages_by(sender, room, 0, 5)).value();
    for (const auto& message : all) found = message.seq;
    return found;
  }
};

TEST_P(ArchiveWrites, EveryKindOfChangeOfAnOldMessage) {
  const Seq mine = a_message(kMinji);
  both(kMinji, chat::Edit{mine, "한 해 뒤에 고친 글"});
  expect_same();
  both(kYoungho, chat::React{mine, "🎉", true});
  both(kYoungho, chat::React{mine, "🎉", false});
  expect_same();
  both(kMinji, chat::Delete{mine});
  both(kMinji, chat::Delete{mine});
  both(kMinji, chat::Edit{mine, "이미 지운 글"});
  expect_same();
  EXPECT_TRUE(faults().empty());
}

TEST_P(ArchiveWrites, AReplyToAnOldMessage) {
  auto reply = world.text("답글");
  reply.reply_to = a_message(kYoungho);
  both(kMinji, reply);
  reply = world.text("없는 글에 답글");
  reply.reply_to = 1;
  both(kMinji, reply);
  expect_same();
}

TEST_P(ArchiveWrites, ALateRepeatIsStillTheSameMessage) {
  const auto first = world.message(room, kMinji, a_message(kMinji));
  chat::Send again{first.cid, *first.text, {}, "[]", {}};
  for (const auto where : {room, twin}) {
    const auto written = world.write(where, kMinji, again);
    // It was edited since: the first content counts, not the current one.
    ASSERT_EQ(written.has_value(), !first.edited_at.has_value());
    if (written) {
      EXPECT_TRUE(written.value().duplicate);
      EXPECT_EQ(written.value().seq, first.seq);
    }
  }
  again.text = "다른 글";
  EXPECT_EQ(code_of(world.write(room, kMinji, again)), ErrorCode::cid_reused);
  expect_same();
}

TEST_P(ArchiveWrites, ReadingPositionsInOldEvents) {
  both(kMinji, chat::SetMember{UserId{104}, {}, false});
  for (const Seq seq : {5, 11, 17, 30}) {
    const auto written = world.write(room, kSunja, chat::Read{seq});
    const auto other = world.write(twin, kSunja, chat::Read{seq});
    ASSERT_TRUE(written && other);
    EXPECT_EQ(written.value().unread, other.value().unread);
  }
  expect_same();
}

TEST_P(ArchiveWrites, NothingThatWasTakenBackStaysAtRest) {
  const auto secret = std::string("비밀번호는 4711 입니다");
  // The message, an edit of it far behind it and what lies between: in three segments.
  const Seq target = say(kMinji, "처음 글");
  for (int i = 0; i < 20; ++i) say(kYoungho, "사이의 글");
  both(kMinji, chat::Edit{target, secret});
  for (int i = 0; i < 20; ++i) say(kYoungho, "뒤의 글");
  world.clock.advance(2 * kYear);
  archive(limits());
  expect_same();
  ASSERT_TRUE(found_at_rest(secret));
  both(kMinji, chat::Delete{target});
  world.restart();  // what is garbage has been removed
  EXPECT_EQ(archive_totals(*db()).value().garbage, 0);
  EXPECT_FALSE(found_at_rest(secret));
  archive(limits());
  EXPECT_FALSE(found_at_rest(secret));
  expect_same();
  EXPECT_TRUE(faults().empty());
}

TEST_P(ArchiveWrites, WhoeverIsErasedIsErasedThereToo) {
  for (const auto where : {room, twin}) {
    Seq after = 0;
    while (true) {
      const auto mine = world.wait(world.log->messages_by(kYoungho, where, after, 4)).value();
      if (mine.empty()) break;
      for (const auto& message : mine)
        ASSERT_TRUE(world.write(where, kYoungho, chat::Delete{message.seq, true}));
      after = mine.back().seq;
    }
  }
  expect_same();
  EXPECT_TRUE(world.wait(world.log->messages_by(kYoungho, room, 0, 4)).value().empty());
}

TEST_P(ArchiveWrites, ManyAtOnceKeepTheirOrder) {
  const Seq target = a_message(kMinji);
  for (const auto where : {room, twin}) {
    std::vector<chat::Write> writes;
    for (int i = 0; i < 8; ++i)
      writes.push_back(
          world.request(where, kMinji, chat::Edit{target, "고침 " + std::to_string(i)}));
    const auto answers = world.write_together(std::move(writes));
    for (const auto& written : answers) ASSERT_TRUE(written);
  }
  EXPECT_EQ(world.message(room, kMinji, target).text, "고침 7");
  expect_same();
}

// Whatever is done in whatever order, with an archivist who never rests.
TEST_P(ArchiveWrites, WhateverHappensNobodyCanTell) {
  std::mt19937 random(20'261'123);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  for (int i = 0; i < 150; ++i) {
    const auto who = pick(2) == 0 ? kMinji : kYoungho;
    const Seq seq = 1 + pick(static_cast<int>(world.view(room, kMinji).head.seq));
    switch (pick(7)) {
      case 0:
      case 1:
        say(who, "글 " + std::to_string(i));
        break;
      case 2:
        both(who, chat::Edit{seq, "고침 " + std::to_string(i)});
        break;
      case 3:
        both(who, chat::Delete{seq});
        break;
      case 4:
        both(who, chat::React{seq, "👍", pick(2) == 0});
        break;
      case 5: {
        auto reply = world.text("답글 " + std::to_string(i));
        reply.reply_to = seq;
        both(who, reply);
        break;
      }
      default:
        both(kSunja, chat::Read{seq});
    }
    world.clock.advance(std::chrono::hours(24 * 20));
    if (pick(5) == 0) archive(limits(1 + pick(9)));
    if (i % 50 == 49) expect_same();
  }
  EXPECT_TRUE(faults().empty()) << faults().front();
}

RESPRING_ON_ALL_BACKENDS(ArchiveWrites);

class ArchiveMoves : public SlotMoveWorld {
 protected:
  void archive_some() {
    world.clock.advance(std::chrono::hours(24 * 800));
    const RoomKey key{slot, room};
    const ArchiveLimits limits{world.clock.now() - std::chrono::hours(24), 4, 1'000'000, 3};
    for (Seq after = 0;;) {
      const auto row = load_room(*source, key).value();
      const auto segment = next_to_archive(*source, key, *row, after, limits).value();
      if (!segment) return;
      const auto bytes = encode(*segment);
      const StoredObject object{object_key_of(*segment), sha256_of(bytes), 1};
      ASSERT_TRUE(announce_object(*source, object.key, world.clock.now() + std::chrono::hours(1)));
      ASSERT_TRUE(world.blobs.put(object.key, bytes));
      ASSERT_EQ(archive_segment(*source, key, *segment, object, world.clock.now()).value(),
                Archiving::done);
      after = segment->last_seq;
    }
  }
};

TEST_P(ArchiveMoves, WhatIsArchivedMovesWithItsSlotAndComesBackOnTheWay) {
  live();
  archive_some();
  const auto before = world.log_of(room, kMinji);
  const auto move = copied();
  EXPECT_EQ(world.log_of(room, kMinji).events.size(), before.events.size());
  // While the copy is under way somebody edits what was archived before.
  ASSERT_TRUE(world.write(room, kMinji, chat::Edit{3, "옮기는 동안"}));
  drain_all(move);
  EXPECT_TRUE(differences(move).empty());
  finish(move);
  ASSERT_TRUE(world.write(room, kMinji, chat::Edit{4, "옮긴 뒤에"}));
  const auto after = world.log_of(room, kMinji);
  EXPECT_EQ(after.events.size(), before.events.size() + 2);
  const auto row = load_room(*target, {slot, room}).value();
  EXPECT_TRUE(density_faults(*target, {{slot, room}, *row}).value().empty());
}

RESPRING_ON_ALL_BACKENDS(ArchiveMoves);

}  // namespace
}  // namespace respring::store
