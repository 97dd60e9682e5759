#include "ops/reindex/verify.h"

#include <algorithm>
#include <limits>

namespace respring::reindex {
namespace {

constexpr int kRoomsAtOnce = 200;
constexpr int kDocumentsAtOnce = 500;

void note(Verdict& verdict, RoomId room, Seq seq, std::string what) {
  ++verdict.found;
  if (verdict.differences.size() < kMostDifferences)
    verdict.differences.push_back({room, seq, std::move(what)});
}

Result<void> compare(Indexed& index, const chat::SearchDocument& should, Verdict& verdict) {
  RESPRING_TRY(const auto is, index.find(should.room, should.seq));
  ++verdict.compared;
  const bool live = should.text.has_value();
  if (!is) {
    // A message that was deleted before it was indexed may be missing altogether.
    if (live) note(verdict, should.room, should.seq, "is not in the index");
  } else if (is->version != should.version) {
    note(verdict, should.room, should.seq,
         "is version " + std::to_string(is->version) + " in the index, not " +
             std::to_string(should.version));
  } else if (is->live != live) {
    note(verdict, should.room, should.seq,
         live ? "is deleted in the index only" : "is still found although it was deleted");
  }
  return success();
}

/// The messages behind `after`, at most `most`.
Result<void> compare_from(Source& source, Indexed& index, const Room& room, Seq after,
                          std::int64_t most, Verdict& verdict) {
  while (most > 0) {
    const int limit = static_cast<int>(std::min<std::int64_t>(most, kDocumentsAtOnce));
    RESPRING_TRY(const auto documents, source.documents(room, after, limit));
    for (const chat::SearchDocument& document : documents) {
      RESPRING_TRYV(compare(index, document, verdict));
      after = document.seq;
    }
    most -= limit;
    if (documents.size() < static_cast<std::size_t>(limit)) return success();
  }
  return success();
}

Result<void> verify_room(Source& source, Indexed& index, const Room& room,
                         const VerifyOptions& options, Verdict& verdict) {
  ++verdict.rooms;
  RESPRING_TRY(const std::int64_t should, source.live(room));
  RESPRING_TRY(const std::int64_t is, index.count(room.place.room));
  if (is != should) {
    note(verdict, room.place.room, 0,
         "has " + std::to_string(should) + " messages, the index " + std::to_string(is));
  }
  if (options.full) {
    return compare_from(source, index, room, 0, std::numeric_limits<std::int64_t>::max(), verdict);
  }
  RESPRING_TRYV(compare_from(source, index, room, 0, options.sample, verdict));
  const Seq late = room.last_seq - options.sample;
  if (late < options.sample) return success();
  return compare_from(source, index, room, late, options.sample, verdict);
}

}  // namespace

Result<Verdict> verify(Source& source, Indexed& index, const VerifyOptions& options) {
  Verdict verdict;
  Place after = options.from;
  while (true) {
    RESPRING_TRY(const auto rooms, source.rooms(after, kRoomsAtOnce));
    for (const Room& room : rooms) {
      after = room.place;
      if (options.room && *options.room != room.place.room) continue;
      RESPRING_TRYV(verify_room(source, index, room, options, verdict));
      options.on_progress(verdict);
      if (verdict.rooms == options.most_rooms) return verdict;
    }
    if (rooms.size() < kRoomsAtOnce) return verdict;
  }
}

}  // namespace respring::reindex
