// How much a server reads to answer: its statistics may be of a time when there was next to
// nothing.
#include "room_contract.h"
#include "store/room_reads.h"

namespace respring::store {
namespace {

constexpr int kMany = 16'384;
constexpr std::int64_t kFewRows = 1000;

class RoomPlans : public RoomContract {
 protected:
  void SetUp() override {
    room = world.group();
    key = {shardmap::hashed_slot_of(room), room};
    shard = world.log->map()->owner_of(key.slot).shard == 0 ? "shard-0" : "shard-1";
    world.say(room, kMinji, "처음");
    for (const std::string table : {"message", "change_event"}) {
      auto one = backend->database(shard)().value();
      ASSERT_TRUE(
          one->execute("ALTER TABLE " + table + " STATS_PERSISTENT=1, STATS_AUTO_RECALC=0"));
      ASSERT_TRUE(one->query("ANALYZE TABLE " + table).value().next());
    }
    auto db = backend->database(shard)().value();
    for (int n = 1; n < kMany; n *= 2) {
      ASSERT_TRUE(db->run(
          "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, text, "
          "created_at, version) SELECT slot, room_id, seq+?, ordinal+?, sender_id, "
          "UNHEX(LPAD(HEX(seq+?),32,'0')), content_hash, text, created_at, seq+? FROM message "
          "WHERE slot=? AND room_id=?",
          n, n, n, n, key.slot.value, room));
    }
    ASSERT_TRUE(db->run("UPDATE room SET last_seq=?, last_ordinal=? WHERE room_id=?", kMany + 1,
                        kMany, room));
  }

  // Rows that the server looked at while `work` ran on a connection of its own.
  template <class Work>
  std::int64_t rows_read(Work work) {
    auto db = backend->database(shard)().value();
    EXPECT_TRUE(db->execute("FLUSH STATUS"));
    work(*db);
    auto status = db->query("SHOW SESSION STATUS LIKE 'Handler_read%'").value();
    std::int64_t rows = 0;
    while (status.next().value()) rows += std::stoll(status.text(1));
    return rows;
  }
  std::int64_t rows_of_history(chat::HistoryQuery::Anchor anchor) {
    return rows_read([&](sql::Connection& db) {
      SegmentsAtHand hand;
      const auto page = read_history(db, key, kMinji, {anchor, kMany / 2, 50}, hand);
      ASSERT_TRUE(page);
      EXPECT_EQ(page.value().messages.size(), 50U);
    });
  }

  RoomId room;
  RoomKey key;
  std::string shard;
};

TEST_P(RoomPlans, APageOfHistoryIsReadAsAPage) {
  using enum chat::HistoryQuery::Anchor;
  for (const auto anchor : {latest, before, after, around})
    EXPECT_LT(rows_of_history(anchor), kFewRows) << static_cast<int>(anchor);
}

TEST_P(RoomPlans, AndSoIsAPageOfTheLog) {
  EXPECT_LT(rows_read([&](sql::Connection& db) {
              SegmentsAtHand hand;
              EXPECT_EQ(read_log(db, key, kMinji, kMany / 2, 100, hand).value().events.size(),
                        100U);
            }),
            kFewRows);
}

TEST_P(RoomPlans, AndWhatHasBeenReadAndTheLastMessageOfAList) {
  EXPECT_LT(rows_read([&](sql::Connection& db) {
              EXPECT_EQ(load_ordinal_at(db, key, kMany / 2).value(), kMany / 2 - 1);
              EXPECT_TRUE(read_view(db, key, kMinji, true).value().last_message);
            }),
            kFewRows);
}

RESPRING_ON_ALL_BACKENDS(RoomPlans);

}  // namespace
}  // namespace respring::store
