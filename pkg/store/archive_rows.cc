#include "store/archive_rows.h"

#include <algorithm>

namespace respring::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT slot, room_id, first_seq, last_seq, messages, object_key, sha256, bytes, created_at "
    "FROM archive_segment WHERE ";

SegmentRow read_segment(const sql::Rows& row) {
  SegmentRow segment;
  segment.key = {shardmap::Slot{static_cast<std::int32_t>(row.int64(0))}, row.id<RoomId>(1)};
  segment.first_seq = row.int64(2);
  segment.last_seq = row.int64(3);
  segment.messages = row.int64(4);
  segment.object_key = row.text(5);
  segment.sha256 = row.text(6);
  segment.bytes = row.int64(7);
  segment.created_at = row.time(8);
  return segment;
}

sql::Result<std::vector<Seq>> seqs(sql::Rows rows) {
  std::vector<Seq> all;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return all;
    all.push_back(rows.int64(0));
  }
}

sql::Result<std::int64_t> number_or_zero(sql::Rows rows) {
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.int64(0) : 0;
}

}  // namespace

sql::Result<std::vector<SegmentRow>> segments_between(sql::Connection& db, const RoomKey& key,
                                                      Seq from, Seq to, End end, int limit,
                                                      std::int64_t least_messages) {
  // None begins earlier than this and still reaches `from`: the scan need not start at 1.
  const Seq earliest = std::max<Seq>(1, from - kMostSegmentEvents);
  std::string text(kColumns);
  text +=
      "slot=? AND room_id=? AND first_seq>=? AND first_seq<=? AND last_seq>=? AND messages>=? "
      "ORDER BY first_seq ";
  text += end == End::newest ? "DESC LIMIT ?" : "ASC LIMIT ?";
  RESPRING_TRY(auto rows,
               db.query(text, key.slot.value, key.room, earliest, to, from, least_messages, limit));
  std::vector<SegmentRow> segments;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return segments;
    segments.push_back(read_segment(rows));
  }
}

sql::Result<std::optional<SegmentRow>> segment_of(sql::Connection& db, const RoomKey& key,
                                                  Seq seq) {
  RESPRING_TRY(auto found, segments_between(db, key, seq, seq, End::newest, 1));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

sql::Result<std::optional<SegmentRow>> next_segment(sql::Connection& db, const RoomKey& room,
                                                    Seq after) {
  const std::int32_t slot = room.slot.value;
  std::string text(kColumns);
  text +=
      "slot>? OR (slot=? AND room_id>?) OR (slot=? AND room_id=? AND last_seq>?) "
      "ORDER BY slot, room_id, first_seq LIMIT 1";
  RESPRING_TRY(auto rows, db.query(text, slot, slot, room.room, slot, room.room, after));
  RESPRING_TRY(const bool found, rows.next());
  return found ? std::optional(read_segment(rows)) : std::nullopt;
}

sql::Result<bool> any_archived_message(sql::Connection& db, const RoomKey& key, Seq from, Seq to) {
  RESPRING_TRY(auto rows, db.query("SELECT 1 FROM archived_event WHERE slot=? AND room_id=? AND "
                                   "seq BETWEEN ? AND ? AND ordinal IS NOT NULL LIMIT 1",
                                   key.slot.value, key.room, from, to));
  return rows.next();
}

sql::Result<Ordinal> archived_ordinal_at(sql::Connection& db, const RoomKey& key, Seq seq) {
  const auto text = "SELECT ordinal " + from_by_key(db, "archived_event") +
                    "WHERE slot=? AND room_id=? AND seq<=? AND ordinal IS NOT NULL "
                    "ORDER BY seq DESC LIMIT 1";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, seq));
  return number_or_zero(std::move(rows));
}

sql::Result<std::vector<Seq>> archived_by(sql::Connection& db, const RoomKey& key, UserId sender,
                                          Seq after, int limit) {
  RESPRING_TRY(auto rows, db.query("SELECT seq FROM archived_event WHERE slot=? AND room_id=? AND "
                                   "sender_id=? AND seq>? AND live=1 ORDER BY seq LIMIT ?",
                                   key.slot.value, key.room, sender, after, limit));
  return seqs(std::move(rows));
}

sql::Result<std::vector<Seq>> archived_about(sql::Connection& db, const RoomKey& key, Seq target) {
  RESPRING_TRY(auto rows, db.query("SELECT seq FROM archived_event WHERE slot=? AND room_id=? AND "
                                   "target_seq=? ORDER BY seq",
                                   key.slot.value, key.room, target));
  return seqs(std::move(rows));
}

sql::Result<std::int64_t> count_archived_live(sql::Connection& db, const RoomKey& key, Seq last) {
  RESPRING_TRY(auto rows, db.query("SELECT COUNT(*) FROM archived_event WHERE slot=? AND room_id=? "
                                   "AND seq<=? AND live=1",
                                   key.slot.value, key.room, last));
  return number_or_zero(std::move(rows));
}

sql::Result<std::int64_t> count_stored_and_archived(sql::Connection& db, const RoomKey& key) {
  std::int64_t both = 0;
  for (const char* table : {"message", "change_event"}) {
    RESPRING_TRY(auto rows,
                 db.query("SELECT COUNT(*) FROM archive_segment a JOIN " + std::string(table) +
                              " e ON e.slot=a.slot AND e.room_id=a.room_id AND e.seq BETWEEN "
                              "a.first_seq AND a.last_seq WHERE a.slot=? AND a.room_id=?",
                          key.slot.value, key.room));
    RESPRING_TRY(const auto some, number_or_zero(std::move(rows)));
    both += some;
  }
  return both;
}

sql::Result<ArchivedExtent> archived_extent(sql::Connection& db, const RoomKey& key) {
  ArchivedExtent extent;
  {
    RESPRING_TRY(auto rows, db.query("SELECT COUNT(*), COALESCE(SUM(last_seq-first_seq+1),0), "
                                     "COALESCE(SUM(messages),0), COALESCE(SUM(bytes),0) FROM "
                                     "archive_segment WHERE slot=? AND room_id=?",
                                     key.slot.value, key.room));
    RESPRING_TRYV(rows.next());
    extent = {rows.int64(0), rows.int64(1), rows.int64(2), rows.int64(3), 0};
  }
  RESPRING_TRY(extent.last_ordinal, archived_ordinal_at(db, key, INT64_MAX));
  return extent;
}

}  // namespace respring::store
