#include "store/inspect.h"

#include "base/json.h"
#include "store/outbox_relay.h"
#include "store/slots.h"
#include "store/whole_log.h"

namespace respring::store {
namespace {

template <class Value, class Read>
sql::Result<std::vector<Value>> all(sql::Rows rows, Read read) {
  std::vector<Value> values;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return values;
    values.push_back(read(rows));
  }
}

RoomEntry read_entry(const sql::Rows& row) {
  RoomEntry entry;
  entry.key = {shardmap::Slot{static_cast<std::int32_t>(row.int64(0))}, row.id<RoomId>(1)};
  RoomRow& room = entry.row;
  room.kind = static_cast<chat::RoomKind>(row.int64(2));
  room.epoch = row.int64(3);
  room.last_seq = row.int64(4);
  room.last_ordinal = row.int64(5);
  room.title = row.maybe_text(6);
  room.member_count = row.int64(7);
  room.last_at = row.time(8);
  room.created_at = row.time(9);
  room.closed_at = row.maybe_time(10);
  room.archived_seq = row.int64(11);
  return entry;
}

sql::Result<std::int64_t> one_number(sql::Rows rows) {
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.int64(0) : 0;
}

/// How many rows of a table carry a room's numbers, and how far they reach.
struct Extent {
  std::int64_t rows = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t last_ordinal = 0;
};

sql::Result<Extent> extent(sql::Rows rows) {
  RESPRING_TRYV(rows.next());
  return Extent{rows.int64(0), rows.int64(1), rows.int64(2), rows.int64(3)};
}

void expect(std::vector<std::string>& faults, std::string_view what, std::int64_t is,
            std::int64_t should_be) {
  if (is == should_be) return;
  faults.push_back(std::string(what) + " is " + std::to_string(is) + ", not " +
                   std::to_string(should_be));
}

bool is_event(const chat::BusRecord& record, const std::string& room, Seq seq) {
  if (record.key != room) return false;
  const auto event = json::parse(record.value);
  return event && event.assume_value().int_or("seq") == seq;
}

}  // namespace

sql::Result<std::vector<RoomEntry>> all_rooms(sql::Connection& db, const RoomKey& after,
                                              int limit) {
  RESPRING_TRY(
      auto rows,
      db.query(
          "SELECT slot, room_id, kind, epoch, last_seq, last_ordinal, title, "
          "member_count, last_at, created_at, deleted_at, archived_seq FROM room WHERE slot>=? AND "
          "(slot>? OR room_id>?) ORDER BY slot, room_id LIMIT ?",
          after.slot.value, after.slot.value, after.room, limit));
  return all<RoomEntry>(std::move(rows), read_entry);
}

sql::Result<std::int64_t> count_rooms(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT count(*) FROM room"));
  return one_number(std::move(rows));
}

Result<std::vector<chat::Message>> all_messages(sql::Connection& db, const RoomKey& key, Seq after,
                                                int limit, SegmentsAtHand& hand) {
  RESPRING_TRY(const auto room, load_room(db, key));
  if (!room) return std::vector<chat::Message>();
  const WholeLog log(db, key, room->archived_seq, hand);
  return log.messages(after + 1, room->last_seq, End::oldest, limit);
}

sql::Result<bool> has_messages(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT 1 FROM message WHERE deleted_at IS NULL LIMIT 1"));
  RESPRING_TRY(const bool found, rows.next());
  return found;
}

sql::Result<std::int64_t> count_live(sql::Connection& db, const RoomKey& key, Seq last) {
  RESPRING_TRY(auto rows, db.query("SELECT count(*) FROM message WHERE slot=? AND room_id=? AND "
                                   "seq<=? AND deleted_at IS NULL",
                                   key.slot.value, key.room, last));
  RESPRING_TRY(const auto stored, one_number(std::move(rows)));
  RESPRING_TRY(const auto archived, count_archived_live(db, key, last));
  return stored + archived;
}

sql::Result<std::vector<WalkedMessage>> walk_messages(sql::Connection& db, const RoomKey& room,
                                                      Seq after, int limit) {
  // SQLite knows a range of rows by their columns together, MySQL one by alternatives.
  const auto select =
      "SELECT slot, room_id, seq, sender_id, text, created_at, deleted_at, version " +
      from_by_key(db, "message") + "WHERE ";
  const auto order = " ORDER BY slot, room_id, seq LIMIT ?";
  const auto together = select + "(slot, room_id, seq) > (?,?,?)" + order;
  const auto alternatives = select +
                            "slot>? OR (slot=? AND room_id>?) OR "
                            "(slot=? AND room_id=? AND seq>?)" +
                            order;
  const std::int32_t slot = room.slot.value;
  RESPRING_TRY(auto rows,
               db.dialect().name() == "sqlite"
                   ? db.query(together, slot, room.room, after, limit)
                   : db.query(alternatives, slot, slot, room.room, slot, room.room, after, limit));
  return all<WalkedMessage>(std::move(rows), [](const sql::Rows& row) {
    WalkedMessage walked;
    walked.key = {shardmap::Slot{static_cast<std::int32_t>(row.int64(0))}, row.id<RoomId>(1)};
    chat::Message& message = walked.message;
    message.room = walked.key.room;
    message.seq = row.int64(2);
    message.sender = row.id<UserId>(3);
    message.text = row.maybe_text(4);
    message.created_at = row.time(5);
    message.deleted = row.maybe_time(6).has_value();
    message.version = row.int64(7);
    return walked;
  });
}

sql::Result<std::vector<RoomId>> closed_rooms(sql::Connection& db, shardmap::Slot first,
                                              shardmap::Slot last) {
  RESPRING_TRY(auto rows, db.query("SELECT room_id FROM room WHERE slot>=? AND slot<=? AND "
                                   "deleted_at IS NOT NULL ORDER BY room_id",
                                   first.value, last.value));
  return all<RoomId>(std::move(rows), [](const sql::Rows& row) { return row.id<RoomId>(0); });
}

sql::Result<std::vector<std::string>> density_faults(sql::Connection& db, const RoomEntry& room) {
  RESPRING_TRY(auto sent, db.query("SELECT count(*), min(seq), max(seq), max(ordinal) FROM message "
                                   "WHERE slot=? AND room_id=?",
                                   room.key.slot.value, room.key.room));
  RESPRING_TRY(const Extent messages, extent(std::move(sent)));
  RESPRING_TRY(auto other,
               db.query("SELECT count(*), min(seq), max(seq), 0 FROM change_event WHERE "
                        "slot=? AND room_id=?",
                        room.key.slot.value, room.key.room));
  RESPRING_TRY(const Extent changes, extent(std::move(other)));
  RESPRING_TRY(auto twice, db.query("SELECT count(*) FROM message m JOIN change_event c ON "
                                    "c.slot=m.slot AND c.room_id=m.room_id AND c.seq=m.seq WHERE "
                                    "m.slot=? AND m.room_id=?",
                                    room.key.slot.value, room.key.room));
  RESPRING_TRY(const std::int64_t overlap, one_number(std::move(twice)));
  ArchivedExtent archived;
  if (room.row.archived_seq > 0) {
    RESPRING_TRY(archived, archived_extent(db, room.key));
  }
  std::vector<std::string> faults;
  // Distinct numbers from 1 to the end: as many as the end says, and none outside.
  expect(faults, "the number of events", messages.rows + changes.rows - overlap + archived.events,
         room.row.last_seq);
  expect(faults, "the highest seq", std::max(messages.last, changes.last), room.row.last_seq);
  expect(faults, "the number of messages", messages.rows + archived.messages,
         room.row.last_ordinal);
  expect(faults, "the highest ordinal", std::max(messages.last_ordinal, archived.last_ordinal),
         room.row.last_ordinal);
  expect(faults, "the count of seqs used twice", overlap, 0);
  if (archived.segments > 0) {
    RESPRING_TRY(const std::int64_t twice_there, count_stored_and_archived(db, room.key));
    expect(faults, "the count of events that are archived and not", twice_there, 0);
  }
  return faults;
}

sql::Result<std::vector<SlotRow>> slot_rows(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT slot, state, epoch FROM slot_owner WHERE keyspace=? "
                                   "ORDER BY slot",
                                   kRoomKeyspace));
  return all<SlotRow>(std::move(rows), [](const sql::Rows& row) {
    return SlotRow{static_cast<std::int32_t>(row.int64(0)), row.text(1), row.int64(2)};
  });
}

sql::Result<OutboxState> outbox_state(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT count(*), min(created_at) FROM outbox"));
  RESPRING_TRYV(rows.next());
  return OutboxState{rows.int64(0), rows.maybe_time(1)};
}

Result<bool> outbox_holds(sql::Connection& db, RoomId room, Seq seq, int most_rows) {
  const std::string name = room.str();
  RESPRING_TRY(auto rows, db.query("SELECT events FROM outbox ORDER BY id LIMIT ?", most_rows));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return false;
    RESPRING_TRY(const auto records, records_of(rows.view(0)));
    for (const auto& record : records) {
      if (is_event(record, name, seq)) return true;
    }
  }
}

sql::Result<std::vector<std::pair<RoomKey, Seq>>> places_of_cid(sql::Connection& db,
                                                                const Uuid& cid, int limit) {
  RESPRING_TRY(auto rows,
               db.query("SELECT slot, room_id, seq FROM message WHERE cid=? UNION ALL SELECT slot, "
                        "room_id, seq FROM archived_event WHERE cid=? LIMIT ?",
                        cid, cid, limit));
  using Place = std::pair<RoomKey, Seq>;
  return all<Place>(std::move(rows), [](const sql::Rows& row) {
    const shardmap::Slot slot{static_cast<std::int32_t>(row.int64(0))};
    return Place{RoomKey{slot, row.id<RoomId>(1)}, row.int64(2)};
  });
}

sql::Result<std::vector<LaterEvent>> events_about(sql::Connection& db, const RoomKey& key,
                                                  Seq target, int limit) {
  RESPRING_TRY(auto rows, db.query("SELECT seq, kind, actor_id, created_at FROM change_event WHERE "
                                   "slot=? AND room_id=? AND target_seq=? ORDER BY seq LIMIT ?",
                                   key.slot.value, key.room, target, limit));
  return all<LaterEvent>(std::move(rows), [](const sql::Rows& row) {
    return LaterEvent{row.int64(0), row.text(1), row.id<UserId>(2), row.time(3)};
  });
}

sql::Result<Readership> readership_of(sql::Connection& db, const RoomKey& key, Seq seq) {
  RESPRING_TRY(
      auto rows,
      db.query("SELECT count(*), count(c.user_id) FROM member m LEFT JOIN read_cursor c ON "
               "c.slot=m.slot AND c.room_id=m.room_id AND c.user_id=m.user_id AND c.seq>=? "
               "WHERE m.slot=? AND m.room_id=? AND m.left_seq IS NULL AND m.joined_seq<=?",
               seq, key.slot.value, key.room, seq));
  RESPRING_TRYV(rows.next());
  return Readership{rows.int64(0), rows.int64(1)};
}

sql::Result<std::optional<Time>> newest_time(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT max(last_at) FROM room"));
  RESPRING_TRYV(rows.next());
  return rows.maybe_time(0);
}

}  // namespace respring::store
