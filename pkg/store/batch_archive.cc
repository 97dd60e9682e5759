// What a batch knows of events that lie in the blob store.
#include <algorithm>

#include "store/archive.h"
#include "store/batch.h"

namespace respring::store {

sql::Result<Seq> Batch::archived_seq(const RoomKey& key) {
  RESPRING_TRY(const auto* row, room(key));
  return row == nullptr ? 0 : row->archived_seq;
}

Step<void> Batch::expect_stored(const RoomKey& key, const std::vector<Seq>& seqs) {
  RESPRING_TRY(const Seq last, archived_seq(key));
  Archived archived;
  for (const Seq seq : seqs) {
    const auto covers = [seq](const SegmentRow& row) { return row.covers(seq); };
    if (seq > last || std::ranges::any_of(archived.segments, covers)) continue;
    RESPRING_TRY(auto row, segment_of(db_, key, seq));
    if (row) archived.segments.push_back(std::move(*row));
  }
  if (!archived.segments.empty()) return Halt(std::move(archived));
  return success();
}

Step<void> Batch::expect_stored_about(const RoomKey& key, Seq target) {
  RESPRING_TRY(const Seq last, archived_seq(key));
  if (target > last) return success();
  RESPRING_TRY(const auto seqs, archived_about(db_, key, target));
  return expect_stored(key, seqs);
}

sql::Result<Ordinal> Batch::ordinal_at(const RoomKey& key, Seq seq) {
  RESPRING_TRYV(flush_messages());
  RESPRING_TRY(const auto stored, load_ordinal_at(db_, key, seq));
  RESPRING_TRY(const Seq last, archived_seq(key));
  if (last == 0) return stored;
  RESPRING_TRY(const auto archived, archived_ordinal_at(db_, key, seq));
  return std::max(stored, archived);
}

sql::Result<void> Batch::put_back(const RoomKey& key, const SegmentRow& row,
                                  const Segment& segment) {
  // Its slot may have another number by now than when it was brought.
  SegmentRow here = row;
  here.key = key;
  RESPRING_TRY(const bool back, store::put_back(db_, here, segment, now_));
  if (!back) return success();
  changed(key, SlotTable::archive_segment, row.first_seq);
  for (const auto& copy : segment.messages) changed(key, SlotTable::message, copy.key.key);
  for (const auto& copy : segment.changes) changed(key, SlotTable::change_event, copy.key.key);
  for (Seq seq = row.first_seq; seq <= row.last_seq; ++seq)
    changed(key, SlotTable::archived_event, seq);
  return success();
}

}  // namespace respring::store
