#include "store/segments_at_hand.h"

#include <utility>

#include "telemetry/metrics.h"

namespace respring::store {
namespace {

metrics::Counter& brought_from(bool cache) {
  static auto kept = metrics::counter("respring_archive_segments_read_total", {{"from", "memory"}});
  static auto got = metrics::counter("respring_archive_segments_read_total", {{"from", "blobs"}});
  return cache ? kept : got;
}

Error lost(const SegmentRow& row, const std::string& why) {
  return internal("archived events " + std::to_string(row.first_seq) + " to " +
                  std::to_string(row.last_seq) + " of room " + row.key.room.str() +
                  " cannot be read: " + why + " (respring archive verify)");
}

}  // namespace

Error archive_needed() { return internal("archived events are being read"); }

const Segment* SegmentsAtHand::find(const SegmentRow& row) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(row.object_key);
  if (found != entries_.end()) return found->second.segment.get();
  missing_.emplace(row.object_key, row);
  return nullptr;
}

void SegmentsAtHand::want(SegmentRow row) {
  const std::lock_guard lock(mutex_);
  if (!entries_.contains(row.object_key)) missing_.emplace(row.object_key, std::move(row));
}

bool SegmentsAtHand::is_complete() const {
  const std::lock_guard lock(mutex_);
  return missing_.empty();
}

std::vector<SegmentsAtHand::Entry> SegmentsAtHand::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> all;
  for (const auto& [key, entry] : entries_) all.push_back(entry);
  return all;
}

std::vector<SegmentRow> SegmentsAtHand::take_missing() {
  const std::lock_guard lock(mutex_);
  std::vector<SegmentRow> rows;
  for (auto& [key, row] : missing_) rows.push_back(std::move(row));
  missing_.clear();
  return rows;
}

void SegmentsAtHand::add(Entry entry) {
  const std::lock_guard lock(mutex_);
  const auto key = entry.row.object_key;
  entries_.emplace(key, std::move(entry));
}

bool SegmentsAtHand::note_absent(const std::string& object_key) {
  const std::lock_guard lock(mutex_);
  return absent_.insert(object_key).second;
}

Result<Segment> read_object(std::string_view object, const SegmentRow& row) {
  if (sha256_of(object) != row.sha256) return lost(row, row.object_key + " has other bytes");
  auto segment = decode(object);
  if (!segment) return lost(row, segment.assume_error().detail);
  const auto& is = segment.assume_value();
  const bool right =
      is.room == row.key.room && is.first_seq == row.first_seq && is.last_seq == row.last_seq;
  if (!right) return lost(row, row.object_key + " holds other events");
  return segment;
}

Result<Segment> read_segment(chat::BlobStore& blobs, const SegmentRow& row) {
  RESPRING_TRY(const auto object, blobs.get(row.object_key));
  return read_object(object, row);
}

ArchivedSegments::ArchivedSegments(chat::BlobStore* blobs)
    : ArchivedSegments([blobs]() -> Result<chat::BlobStore*> {
        if (blobs == nullptr) return internal("archived events need a blob store (setting blobs)");
        return blobs;
      }) {}

Result<void> ArchivedSegments::bring(SegmentsAtHand& hand) {
  for (const auto& row : hand.take_missing()) {
    const auto& key = row.object_key;
    auto segment = kept(key);
    brought_from(segment != nullptr).add();
    if (!segment) {
      RESPRING_TRY(auto* blobs, open_());
      auto read = read_segment(*blobs, row);
      if (!read && read.assume_error().code == ErrorCode::not_found) {
        if (!hand.note_absent(key)) return lost(row, key + " is not there");
        continue;
      }
      if (!read) return std::move(read).assume_error();
      segment = std::make_shared<const Segment>(std::move(read).assume_value());
      keep(key, segment);
    }
    hand.add({row, std::move(segment)});
  }
  return success();
}

std::shared_ptr<const Segment> ArchivedSegments::kept(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  newest_first_.splice(newest_first_.begin(), newest_first_, found->second);
  return found->second->segment;
}

void ArchivedSegments::keep(const std::string& key, std::shared_ptr<const Segment> segment) {
  const std::int64_t bytes = size_of(segment->messages) + size_of(segment->changes);
  const std::lock_guard lock(mutex_);
  if (by_key_.contains(key) || bytes > most_bytes_) return;
  newest_first_.push_front({key, std::move(segment), bytes});
  by_key_[key] = newest_first_.begin();
  bytes_ += bytes;
  while (bytes_ > most_bytes_) {
    bytes_ -= newest_first_.back().bytes;
    by_key_.erase(newest_first_.back().key);
    newest_first_.pop_back();
  }
}

}  // namespace respring::store
