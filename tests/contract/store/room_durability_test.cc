#include <latch>

#include "room_contract.h"

// Batches, the fence, restarts, and the way of events to the bus.
namespace respring::store {
namespace {

class RoomDurability : public RoomContract {
 protected:
  void on_both_shards(const std::string& text) {
    for (const auto* name : {"shard-0", "shard-1"}) {
      auto connection = backend->database(name)();
      ASSERT_TRUE(connection);
      const auto done = connection.assume_value()->execute(text);
      ASSERT_TRUE(done) << done.assume_error().detail;
    }
  }
  std::int64_t outbox_rows() {
    std::int64_t total = 0;
    for (const auto* name : {"shard-0", "shard-1"}) {
      auto connection = backend->database(name)().value();
      auto rows = connection->query("SELECT COUNT(*) FROM outbox").value();
      EXPECT_TRUE(rows.next().value());
      total += rows.int64(0);
    }
    return total;
  }
};

TEST_P(RoomDurability, OneBadRequestNeverFailsItsNeighbours) {
  const auto room = world.group();
  const auto two = world.direct();
  std::vector<chat::Write> writes;
  for (int i = 0; i < 40; ++i) {
    writes.push_back(RoomWorld::request(room, kMinji, RoomWorld::text(std::to_string(i))));
    writes.push_back(RoomWorld::request(room, kStranger, RoomWorld::text("x")));
    writes.push_back(RoomWorld::request(room, kMinji, chat::Edit{1, "x"}));
    writes.push_back(RoomWorld::request(two, kMinji, chat::RemoveMember{kYoungho}));
    writes.push_back(RoomWorld::request(room, kYoungho, chat::Read{0}));
  }
  const auto answers = world.write_together(std::move(writes));
  for (std::size_t i = 0; i < answers.size(); i += 5) {
    ASSERT_TRUE(answers[i]);
    EXPECT_EQ(answers[i].assume_value().seq, static_cast<Seq>(i / 5) + 2);
    for (std::size_t k = 1; k < 5; ++k) EXPECT_FALSE(answers[i + k]);
  }
  EXPECT_EQ(world.view(room, kMinji).head.seq, 41);
}

TEST_P(RoomDurability, CommandsOfOneBatchSeeEachOther) {
  const auto room = new_id<RoomId>();
  const chat::Create create{chat::RoomKind::group, "t", {{kMinji}, {kYoungho}}};
  const auto send = RoomWorld::text("하나");
  auto reply = RoomWorld::text("답");
  reply.reply_to = 2;
  const auto answers = world.write_together(
      {RoomWorld::request(room, kMinji, create), RoomWorld::request(room, kMinji, create),
       RoomWorld::request(room, kMinji, send), RoomWorld::request(room, kYoungho, reply),
       RoomWorld::request(room, kMinji, chat::Edit{2, "고침"}),
       RoomWorld::request(room, kYoungho, chat::React{2, "👍", true}),
       RoomWorld::request(room, kMinji, chat::SetMember{kSunja, {}, false}),
       RoomWorld::request(room, kSunja, RoomWorld::text("반가워요")),
       RoomWorld::request(room, kMinji, chat::Read{3}),
       RoomWorld::request(room, kMinji, chat::RemoveMember{kYoungho}),
       RoomWorld::request(room, kYoungho, RoomWorld::text("아직?"))});
  for (std::size_t i = 0; i + 1 < answers.size(); ++i)
    ASSERT_TRUE(answers[i]) << i << answers[i].assume_error().detail;
  EXPECT_TRUE(answers[1].assume_value().duplicate);
  EXPECT_EQ(answers[5].assume_value().message->text, "고침");
  EXPECT_EQ(answers[8].assume_value().unread, 1);  // Sunja's message
  EXPECT_EQ(code_of(answers[10]), ErrorCode::not_found);
  EXPECT_EQ(world.log_of(room, kMinji).events.size(), 8U);
  EXPECT_EQ(world.message(room, kMinji, 3).reply_to, 2);
}

TEST_P(RoomDurability, WhatWasAcknowledgedIsThereAfterARestart) {
  const auto room = world.group();
  const auto send = RoomWorld::text("남아야 할 말");
  ASSERT_TRUE(world.write(room, kMinji, send));
  ASSERT_TRUE(world.write(room, kYoungho, chat::React{2, "👍", true}));
  const auto before = world.view(room, kYoungho);
  world.restart();
  const auto after = world.view(room, kYoungho);
  EXPECT_EQ(after.head.seq, before.head.seq);
  EXPECT_EQ(after.unread, before.unread);
  EXPECT_EQ(after.last_message->text, "남아야 할 말");
  EXPECT_EQ(after.last_message->reactions, before.last_message->reactions);
  const auto again = world.write(room, kMinji, send);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().duplicate);
  EXPECT_EQ(world.say(room, kMinji, "다음").seq, 4);
}

TEST_P(RoomDurability, TheWriterFinishesWhatIsQueuedAndThenRefuses) {
  const auto room = world.group();
  std::atomic<int> stored{0}, refused{0};
  std::latch answered(500);
  for (int i = 0; i < 500; ++i)
    world.log->submit(RoomWorld::request(room, kMinji, RoomWorld::text("x")), [&](auto answer) {
      ++(answer ? stored : refused);
      answered.count_down();
    });
  world.log->stop();
  answered.wait();
  EXPECT_EQ(stored + refused, 500);
  EXPECT_EQ(code_of(world.write(room, kMinji, RoomWorld::text("늦음"))), ErrorCode::overloaded);
  world.restart();
  EXPECT_EQ(world.view(room, kMinji).head.ordinal, stored);
}

TEST_P(RoomDurability, ARequestPastItsDeadlineIsNotWorkedOn) {
  const auto room = world.group();
  auto late = RoomWorld::request(room, kMinji, RoomWorld::text("늦었다"));
  late.deadline = std::chrono::steady_clock::now() - std::chrono::milliseconds(1);
  const auto answers = world.write_together({late});
  EXPECT_EQ(code_of(answers[0]), ErrorCode::overloaded);
  EXPECT_EQ(world.view(room, kMinji).head.seq, 1);
}

TEST_P(RoomDurability, TheShardItselfRefusesWhoHasAnOldMap) {
  const auto room = world.group();
  on_both_shards("UPDATE slot_owner SET epoch=2");
  EXPECT_EQ(code_of(world.write(room, kMinji, RoomWorld::text("x"))), ErrorCode::slot_moving);
  on_both_shards("UPDATE slot_owner SET epoch=1");
  world.say(room, kMinji, "이제 된다");
}

TEST_P(RoomDurability, OnlyAnActiveOrMovingSlotIsWrittenAndReadsGoOnUntilItIsGone) {
  const auto room = world.group();
  struct Expected {
    std::string state;
    bool writes, reads;
  };
  for (const auto& [state, writes, reads] :
       {Expected{"ACTIVE", true, true}, Expected{"MOVING", true, true},
        Expected{"FROZEN", false, true}, Expected{"GONE", false, false},
        Expected{"IMPORTING", false, false}, Expected{"NONE", false, false}}) {
    on_both_shards("UPDATE slot_owner SET state='" + state + "'");
    const auto written = world.write(room, kMinji, RoomWorld::text(state));
    EXPECT_EQ(written.has_value(), writes) << state;
    const auto read = world.wait(world.log->log(kMinji, room, 0, 100));
    EXPECT_EQ(read.has_value(), reads) << state;
    if (!writes) {
      EXPECT_EQ(written.assume_error().code, ErrorCode::slot_moving) << state;
    }
    if (!reads) {
      EXPECT_EQ(read.assume_error().code, ErrorCode::slot_moving) << state;
      EXPECT_FALSE(world.wait(world.log->rooms(kMinji, {room}, true))) << state;
    }
  }
}

TEST_P(RoomDurability, EveryShardKnowsAllSlotsAndOwnsItsOwn) {
  std::int64_t active = 0;
  for (const auto* name : {"shard-0", "shard-1"}) {
    auto connection = backend->database(name)().value();
    auto rows = connection
                    ->query(
                        "SELECT COUNT(*), SUM(CASE WHEN state='ACTIVE' THEN 1 ELSE 0 END) FROM "
                        "slot_owner")
                    .value();
    ASSERT_TRUE(rows.next().value());
    EXPECT_EQ(rows.int64(0), 4096);
    active += rows.int64(1);
  }
  EXPECT_EQ(active, 4096);
}

TEST_P(RoomDurability, EveryEventReachesTheBusInItsRoomsOrder) {
  const auto one = world.group();
  const auto two = world.group();
  std::vector<chat::Write> writes;
  for (int i = 0; i < 300; ++i)
    writes.push_back(RoomWorld::request(i % 2 == 0 ? one : two, kMinji, RoomWorld::text("x")));
  world.write_together(std::move(writes));
  for (const auto room : {one, two}) {
    const auto seqs = world.bus.wait_for(room, 151);
    ASSERT_EQ(seqs.size(), 151U);
    for (std::size_t i = 0; i < seqs.size(); ++i) EXPECT_EQ(seqs[i], static_cast<Seq>(i) + 1);
  }
}

TEST_P(RoomDurability, EventsWaitForABrokenBusAndLoseNothing) {
  world.bus.fail(true);
  const auto room = world.group();
  for (int i = 0; i < 5; ++i) world.say(room, kMinji, std::to_string(i));
  EXPECT_EQ(outbox_rows(), 6);
  world.bus.fail(false);
  EXPECT_EQ(world.bus.wait_for(room, 6), (std::vector<Seq>{1, 2, 3, 4, 5, 6}));
}

TEST_P(RoomDurability, WhatACrashLeftInTheOutboxIsSentAtTheNextStart) {
  world.bus.fail(true);
  const auto room = world.group();
  world.say(room, kMinji, "끊기기 전");
  world.close();
  EXPECT_EQ(outbox_rows(), 2);
  world.bus.fail(false);
  world.open();
  EXPECT_EQ(world.bus.wait_for(room, 2), (std::vector<Seq>{1, 2}));
}

TEST_P(RoomDurability, ARelayThatDiesBetweenPublishAndDeleteRepeatsInOrder) {
  world.bus.fail(true);
  const auto room = world.group();
  world.say(room, kMinji, "하나");
  world.say(room, kMinji, "둘");
  world.close();
  world.bus.fail(false);
  world.bus.lose_answer_once();
  world.open();
  // Every event at least once; dropping what was seen already leaves the log's order.
  const auto seqs = world.bus.wait_for(room, 6);
  Seq last = 0;
  std::vector<Seq> fresh;
  for (const auto seq : seqs) {
    if (seq > last) fresh.push_back(last = seq);
  }
  EXPECT_EQ(fresh, (std::vector<Seq>{1, 2, 3}));
  EXPECT_EQ(seqs.size(), 6U);
  world.close();
  EXPECT_EQ(outbox_rows(), 0);
}

TEST_P(RoomDurability, AFullQueueIsRefusedAtOnce) {
  world.close();
  RoomLog::Options options;
  options.shards = {{"shard-0", backend->database("small")}};
  options.map = shardmap::even_map({"shard-0"});
  options.clock = &world.clock;
  options.write_queue = 4;
  options.batch_limit = 1;
  auto log = RoomLog::open(std::move(options)).value();
  std::latch first(1), release(1), all(100);
  std::atomic<int> overloaded_ones{0};
  const auto room = new_id<RoomId>();
  const chat::Create create{chat::RoomKind::group, "t", {{kMinji}}};
  log->submit(RoomWorld::request(room, kMinji, create), [&](auto) {
    first.count_down();
    release.wait();  // the writer stands still
  });
  first.wait();
  for (int i = 0; i < 100; ++i)
    log->submit(RoomWorld::request(room, kMinji, RoomWorld::text("x")), [&](auto answer) {
      if (!answer && answer.assume_error().code == ErrorCode::overloaded) ++overloaded_ones;
      all.count_down();
    });
  EXPECT_EQ(overloaded_ones, 96);
  release.count_down();
  all.wait();
  EXPECT_EQ(overloaded_ones, 96);
}

RESPRING_ON_ALL_BACKENDS(RoomDurability);

}  // namespace
}  // namespace respring::store
