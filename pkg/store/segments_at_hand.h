#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chat/ports/blob_store.h"
#include "store/archive_rows.h"
#include "store/segment.h"

namespace respring::store {

/// The archived segments of one read or write: those that were brought, and those that turned out
/// to be missing while it ran. Databases are not kept waiting for a blob store: whoever misses a
/// segment gives up, lets ArchivedSegments bring it, and begins anew. One thread at a time.
class SegmentsAtHand {
 public:
  struct Entry {
    SegmentRow row;
    std::shared_ptr<const Segment> segment;
  };

  /// The segment, or nullptr: then it is noted, and what is answered is worth nothing.
  const Segment* find(const SegmentRow& row);
  void want(SegmentRow row);
  bool is_complete() const;
  std::vector<Entry> all() const;

  /// For ArchivedSegments: what is missing, which from here on it is not.
  std::vector<SegmentRow> take_missing();
  void add(Entry entry);
  /// Its object was not there. False: it was not there before either.
  bool note_absent(const std::string& object_key);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, SegmentRow> missing_;
  std::set<std::string> absent_;
};

/// What a read answers when a segment is not at hand; nobody outside ever sees it.
Error archive_needed();

/// Brings segments from the blob store and keeps some of them, those used last. What a segment
/// holds never changes under its object's key, so there is nothing to invalidate. Safe from any
/// thread.
class ArchivedSegments {
 public:
  /// How to come by the blob store, which must outlive this; asked whenever something is missing.
  using Open = std::function<Result<chat::BlobStore*>()>;

  /// `most_bytes` are those of the rows kept.
  explicit ArchivedSegments(Open open, std::int64_t most_bytes = 64 * 1024 * 1024)
      : open_(std::move(open)), most_bytes_(most_bytes) {}
  /// One that is open; nothing: what is asked for is `internal`.
  explicit ArchivedSegments(chat::BlobStore* blobs);

  /// Brings what is missing; blocks. An object that is not there may have been put back into its
  /// tables meanwhile, so that is found out by the next try. `upstream_unavailable` while the blob
  /// store cannot be reached, `internal` when an object is lost or damaged.
  Result<void> bring(SegmentsAtHand& hand);

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Segment> segment;
    std::int64_t bytes = 0;
  };

  std::shared_ptr<const Segment> kept(const std::string& key);
  void keep(const std::string& key, std::shared_ptr<const Segment> segment);

  const Open open_;
  const std::int64_t most_bytes_;
  std::mutex mutex_;
  std::list<Kept> newest_first_;
  std::map<std::string, std::list<Kept>::iterator> by_key_;
  std::int64_t bytes_ = 0;
};

/// These bytes, compared with what the row says of its object: `internal` when they are not that.
Result<Segment> read_object(std::string_view object, const SegmentRow& row);
/// The row's object itself; besides, `not_found` when it is missing.
Result<Segment> read_segment(chat::BlobStore& blobs, const SegmentRow& row);

/// Runs `work(hand)` until everything it needs is at hand: for commands, which may wait.
template <class Work>
auto with_segments(ArchivedSegments& archived, Work work)
    -> decltype(work(std::declval<SegmentsAtHand&>())) {
  SegmentsAtHand hand;
  while (true) {
    auto result = work(hand);
    if (hand.is_complete()) return result;
    RESPRING_TRYV(archived.bring(hand));
  }
}

}  // namespace respring::store
