// Objects that are not needed, and what a shard has in the blob store altogether.
#include "store/archive.h"

namespace respring::store {
namespace {

sql::Result<std::vector<std::string>> keys_of(sql::Rows rows) {
  std::vector<std::string> keys;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return keys;
    keys.push_back(rows.text(0));
  }
}

}  // namespace

sql::Result<std::vector<std::string>> claim_garbage(sql::Connection& db, Time now, int limit) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(db, sql::Begin::write));
  RESPRING_TRYV(db.run("UPDATE archive_garbage SET due_at=0 WHERE due_at>0 AND due_at<=?", now));
  RESPRING_TRYV(transaction.commit());
  RESPRING_TRY(auto rows,
               db.query("SELECT object_key FROM archive_garbage WHERE due_at=0 LIMIT ?", limit));
  return keys_of(std::move(rows));
}

sql::Result<std::vector<std::string>> all_garbage(sql::Connection& db) {
  RESPRING_TRY(auto rows, db.query("SELECT object_key FROM archive_garbage"));
  return keys_of(std::move(rows));
}

sql::Result<void> forget_garbage(sql::Connection& db, const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    RESPRING_TRYV(db.run("DELETE FROM archive_garbage WHERE object_key=?", key));
  }
  return success();
}

sql::Result<bool> knows_object(sql::Connection& db, const std::string& key) {
  RESPRING_TRY(auto rows, db.query("SELECT 1 FROM archive_segment WHERE object_key=? UNION ALL "
                                   "SELECT 1 FROM archive_garbage WHERE object_key=? LIMIT 1",
                                   key, key));
  return rows.next();
}

sql::Result<ArchiveTotals> archive_totals(sql::Connection& db) {
  ArchiveTotals totals;
  {
    RESPRING_TRY(auto rows,
                 db.query("SELECT COUNT(DISTINCT room_id), COUNT(*), "
                          "COALESCE(SUM(last_seq-first_seq+1),0), COALESCE(SUM(messages),0), "
                          "COALESCE(SUM(bytes),0) FROM archive_segment"));
    RESPRING_TRYV(rows.next());
    totals = {rows.int64(0), rows.int64(1), rows.int64(2), rows.int64(3), rows.int64(4), 0};
  }
  RESPRING_TRY(auto rows, db.query("SELECT COUNT(*) FROM archive_garbage"));
  RESPRING_TRYV(rows.next());
  totals.garbage = rows.int64(0);
  return totals;
}

sql::Result<std::optional<std::string>> compare_remembered(sql::Connection& db,
                                                           const SegmentRow& row,
                                                           const Segment& segment) {
  RESPRING_TRY(const auto view, sql::Transaction::begin(db, sql::Begin::read));
  RESPRING_TRY(const auto still, segment_of(db, row.key, row.first_seq));
  if (!still || still->object_key != row.object_key) return std::optional<std::string>();
  RESPRING_TRY(auto rows, db.query("SELECT COUNT(*), COALESCE(MIN(ordinal),0), "
                                   "COALESCE(MAX(ordinal),0) FROM archived_event WHERE slot=? AND "
                                   "room_id=? AND seq BETWEEN ? AND ? AND ordinal IS NOT NULL",
                                   row.key.slot.value, row.key.room, row.first_seq, row.last_seq));
  RESPRING_TRYV(rows.next());
  const auto& messages = segment.messages;
  const auto ordinal = [](const SlotRowCopy& copy) {
    return cell(copy, MessageCell::ordinal).number;
  };
  const auto count = static_cast<std::int64_t>(messages.size());
  const bool same = rows.int64(0) == count && row.messages == count &&
                    (messages.empty() || (rows.int64(1) == ordinal(messages.front()) &&
                                          rows.int64(2) == ordinal(messages.back())));
  if (same) return std::optional<std::string>();
  return std::optional<std::string>("the shard remembers other messages than its object has");
}

}  // namespace respring::store
