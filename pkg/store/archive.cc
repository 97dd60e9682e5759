#include "store/archive.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/many_rows.h"
#include "store/slots.h"

namespace respring::store {
namespace {

using Cell = SlotRowCopy::Cell;

sql::Result<Segment> read_events(sql::Connection& db, const RoomKey& key, Seq first, Seq last) {
  Segment segment{key.room, first, last, {}, {}};
  const RowKey after{key.room, first - 1};
  const RowKey end{key.room, last};
  RESPRING_TRY(segment.messages, read_range(db, key.slot.value, SlotTable::message, after, end));
  RESPRING_TRY(segment.changes,
               read_range(db, key.slot.value, SlotTable::change_event, after, end));
  return segment;
}

/// Events with seq from first to last; none when last < first.
struct Range {
  Seq first = 0;
  Seq last = 0;
  bool closed = false;  ///< archived events follow
};

// The first events behind `after` that are not archived, up to the next that are.
sql::Result<Range> next_stored(sql::Connection& db, const RoomKey& key, Seq after) {
  constexpr int kAtOnce = 500;
  Seq first = after + 1;
  while (true) {
    RESPRING_TRY(const auto segments,
                 segments_between(db, key, first, INT64_MAX, End::oldest, kAtOnce));
    for (const auto& segment : segments) {
      if (segment.first_seq > first) return Range{first, segment.first_seq - 1, true};
      first = segment.last_seq + 1;
    }
    if (segments.size() < kAtOnce) return Range{first, INT64_MAX, false};
  }
}

// The newest message stays, whatever came after it: lists of rooms show it.
sql::Result<Seq> last_to_go(sql::Connection& db, const RoomKey& key, const RoomRow& room,
                            const ArchiveLimits& limits) {
  const auto text = "SELECT seq " + from_by_key(db, "message") +
                    "WHERE slot=? AND room_id=? ORDER BY seq DESC LIMIT 1";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room));
  RESPRING_TRY(const bool found, rows.next());
  const Seq newest = found ? rows.int64(0) : room.last_seq;
  return std::min(room.last_seq - limits.keep, newest - 1);
}

bool is_old(const SlotRowCopy& row, SlotTable table, Time before) {
  const bool sent = table == SlotTable::message;
  const auto& at = sent ? cell(row, MessageCell::created_at) : cell(row, ChangeCell::created_at);
  return from_ms(at.number) < before;
}

sql::Result<bool> is_old_at(sql::Connection& db, const RoomKey& key, Seq seq, Time before) {
  for (const auto table : {SlotTable::message, SlotTable::change_event}) {
    RESPRING_TRY(const auto rows, read_touched(db, key.slot.value, {table, key.room, seq}));
    if (!rows.empty()) return is_old(rows.front(), table, before);
  }
  return false;
}

bool all_old(const Segment& segment, Time before) {
  const auto old = [before](SlotTable table) {
    return [table, before](const SlotRowCopy& row) { return is_old(row, table, before); };
  };
  return std::ranges::all_of(segment.messages, old(SlotTable::message)) &&
         std::ranges::all_of(segment.changes, old(SlotTable::change_event));
}

// As many of its first events as these bytes take.
void cut(Segment& segment, std::int64_t most_bytes) {
  std::vector<std::pair<Seq, std::int64_t>> sizes;
  for (const auto* rows : {&segment.messages, &segment.changes}) {
    for (const auto& row : *rows) sizes.emplace_back(row.key.key, size_of({row}));
  }
  std::ranges::sort(sizes);
  std::int64_t bytes = 0;
  for (const auto& [seq, size] : sizes) {
    bytes += size;
    if (bytes > most_bytes && seq > segment.first_seq) {
      segment.last_seq = seq - 1;
      break;
    }
  }
  const auto behind = [&](const SlotRowCopy& row) { return row.key.key > segment.last_seq; };
  std::erase_if(segment.messages, behind);
  std::erase_if(segment.changes, behind);
}

}  // namespace

sql::Result<std::optional<Segment>> next_to_archive(sql::Connection& db, const RoomKey& key,
                                                    const RoomRow& room, Seq after,
                                                    const ArchiveLimits& limits) {
  std::optional<Segment> none;
  if (room.last_seq - std::max(after, Seq{0}) <= limits.keep) return none;
  RESPRING_TRY(const auto range, next_stored(db, key, after));
  RESPRING_TRY(const Seq most, last_to_go(db, key, room, limits));
  const Seq last = std::min({range.first + limits.events - 1, range.last, most});
  // A short one at the end waits until it is whole; one between others will never grow.
  const bool whole =
      last - range.first + 1 == limits.events || (range.closed && last == range.last);
  if (last < range.first || !whole) return none;
  RESPRING_TRY(const bool old, is_old_at(db, key, last, limits.older_than));
  if (!old) return none;
  RESPRING_TRY(auto segment, read_events(db, key, range.first, last));
  if (!is_dense(segment))
    return sql::Failure{sql::Errc::corrupt, "the log of room " + key.room.str() + " has a hole"};
  if (!all_old(segment, limits.older_than)) return none;
  cut(segment, limits.bytes);
  return std::optional(std::move(segment));
}

std::string object_key_of(const Segment& segment) {
  return std::string(kArchivePrefix) + segment.room.str() + "/" +
         std::to_string(segment.first_seq) + "-" + std::to_string(segment.last_seq) + "-" +
         new_uuid().str() + ".jsonl.zst";
}

sql::Result<void> announce_object(sql::Connection& db, const std::string& object_key, Time due) {
  RESPRING_TRYV(
      db.run("INSERT INTO archive_garbage (object_key, due_at) VALUES (?,?)", object_key, due));
  return success();
}

namespace {

// Its fence and its room are held until the end of the transaction. False: it must not be touched.
sql::Result<bool> hold(sql::Connection& db, const RoomKey& key) {
  Fence fence;
  RESPRING_TRYV(fences_of(db, {key.slot}, [&](shardmap::Slot, Fence is) { fence = is; }));
  if (fence.state != shardmap::SlotState::active) return false;
  RESPRING_TRY(const auto room, load_room(db, key, db.dialect().for_update()));
  return room.has_value();
}

struct ArchivedEvent {
  Seq seq = 0;
  const SlotRowCopy* message = nullptr;
  std::optional<Seq> target{};
};

// What will still be asked of them: see the migration.
std::vector<ArchivedEvent> remembered(const Segment& segment) {
  std::vector<ArchivedEvent> events;
  for (const auto& row : segment.messages) events.push_back({row.key.key, &row});
  for (const auto& row : segment.changes) {
    const auto& kind = cell(row, ChangeCell::kind).text;
    const bool has_text = cell(row, ChangeCell::text).kind != Cell::Kind::null;
    if (kind == "deleted" || (kind == "edited" && has_text))
      events.push_back({row.key.key, nullptr, cell(row, ChangeCell::target).number});
  }
  std::ranges::sort(events, {}, &ArchivedEvent::seq);
  return events;
}

sql::Result<void> remember(sql::Connection& db, const RoomKey& key, const Segment& segment) {
  const auto bind = [&key](sql::Statement& statement, int index, const ArchivedEvent& event) {
    index = sql::bind_values(statement, index, key.slot.value, key.room, event.seq);
    if (event.message == nullptr)
      return sql::bind_values(statement, index, nullptr, nullptr, nullptr, nullptr, 0,
                              event.target);
    using enum MessageCell;
    const auto& row = *event.message;
    const bool live = cell(row, deleted_at).kind == Cell::Kind::null;
    return sql::bind_values(statement, index, cell(row, ordinal).number, cell(row, sender).number,
                            sql::Blob{cell(row, cid).text}, sql::Blob{cell(row, hash).text}, live,
                            nullptr);
  };
  return insert_rows(db,
                     "INSERT INTO archived_event (slot, room_id, seq, ordinal, sender_id, cid, "
                     "content_hash, live, target_seq) VALUES ",
                     "(?,?,?,?,?,?,?,?,?)", "", remembered(segment), bind);
}

sql::Result<void> remove_events(sql::Connection& db, const RoomKey& key, const Segment& segment) {
  for (const auto table : {SlotTable::message, SlotTable::change_event}) {
    RESPRING_TRYV(delete_range(db, key.slot.value, table, {key.room, segment.first_seq - 1},
                               RowKey{key.room, segment.last_seq}));
  }
  return success();
}

}  // namespace

sql::Result<Archiving> archive_segment(sql::Connection& db, const RoomKey& key,
                                       const Segment& segment, const StoredObject& object,
                                       Time now) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(db, sql::Begin::write));
  RESPRING_TRY(const bool held, hold(db, key));
  if (!held) return Archiving::moving;
  RESPRING_TRY(
      const auto announced,
      db.run("DELETE FROM archive_garbage WHERE object_key=? AND due_at>?", object.key, now));
  if (announced == 0) return Archiving::late;
  RESPRING_TRY(const auto is, read_events(db, key, segment.first_seq, segment.last_seq));
  if (is.messages != segment.messages || is.changes != segment.changes) return Archiving::changed;
  RESPRING_TRYV(remove_events(db, key, segment));
  RESPRING_TRYV(remember(db, key, segment));
  RESPRING_TRYV(db.run(
      "INSERT INTO archive_segment (slot, room_id, first_seq, last_seq, messages, object_key, "
      "sha256, bytes, created_at) VALUES (?,?,?,?,?,?,?,?,?)",
      key.slot.value, key.room, segment.first_seq, segment.last_seq, segment.messages.size(),
      object.key, sql::Blob{object.sha256}, object.bytes, now));
  RESPRING_TRYV(
      db.run("UPDATE room SET archived_seq=? WHERE slot=? AND room_id=? AND "
             "archived_seq<?",
             segment.last_seq, key.slot.value, key.room, segment.last_seq));
  RESPRING_TRYV(transaction.commit());
  return Archiving::done;
}

sql::Result<bool> put_back(sql::Connection& db, const SegmentRow& row, const Segment& segment,
                           Time now) {
  const auto slot = row.key.slot.value;
  RESPRING_TRY(const auto found,
               db.run("DELETE FROM archive_segment WHERE slot=? AND room_id=? AND first_seq=? AND "
                      "object_key=?",
                      slot, row.key.room, row.first_seq, row.object_key));
  if (found == 0) return false;
  RESPRING_TRYV(
      db.run("DELETE FROM archived_event WHERE slot=? AND room_id=? AND seq BETWEEN ? "
             "AND ?",
             slot, row.key.room, row.first_seq, row.last_seq));
  RESPRING_TRYV(insert_copies(db, slot, SlotTable::message, segment.messages));
  RESPRING_TRYV(insert_copies(db, slot, SlotTable::change_event, segment.changes));
  RESPRING_TRYV(announce_object(db, row.object_key, now));
  return true;
}

sql::Result<Archiving> restore_segment(sql::Connection& db, const SegmentRow& row,
                                       const Segment& segment, Time now) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(db, sql::Begin::write));
  RESPRING_TRY(const bool held, hold(db, row.key));
  if (!held) return Archiving::moving;
  RESPRING_TRY(const bool back, put_back(db, row, segment, now));
  if (!back) return Archiving::changed;
  RESPRING_TRYV(transaction.commit());
  return Archiving::done;
}

}  // namespace respring::store
