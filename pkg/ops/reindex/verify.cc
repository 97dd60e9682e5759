#include "ops/reindex/verify.h"

#include <algorithm>
#include <limits>
#include <set>

namespace respring::reindex {
namespace {

constexpr int kRoomsAtOnce = 200;
constexpr int kDocumentsAtOnce = 500;

/// One comparison: collects messages until there are enough to ask for together.
class Comparison {
 public:
  Comparison(Source& source, Indexed& index, const VerifyOptions& options)
      : source_(source), index_(index), options_(options) {}

  /// Rooms of one page; fewer when there have been enough.
  Result<void> add(const std::vector<Room>& page) {
    std::vector<Room> rooms;
    for (const Room& room : page) {
      if (options_.room && *options_.room != room.place.room) continue;
      if (is_enough(static_cast<std::int64_t>(rooms.size()))) break;
      rooms.push_back(room);
    }
    if (rooms.empty()) return success();
    RESPRING_TRY(const auto counts, index_.counts(rooms));
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      RESPRING_TRYV(compare_room(rooms[i], counts.at(i)));
      ++verdict_.rooms;
      options_.on_progress(verdict_);
    }
    return flush();
  }
  bool is_enough(std::int64_t more = 0) const {
    return options_.most_rooms != 0 && verdict_.rooms + more >= options_.most_rooms;
  }
  Verdict take() { return std::move(verdict_); }

 private:
  struct Should {
    const Room* room = nullptr;
    chat::SearchDocument document;
  };

  void note(const Room& room, Seq seq, std::string what) {
    ++verdict_.found;
    const RoomId id = room.place.room;
    if (verdict_.differences.size() < kMostDifferences)
      verdict_.differences.push_back({id, seq, std::move(what)});
    if (verdict_.differing.size() < kMostDifferingRooms && known_.insert(id).second)
      verdict_.differing.push_back(room);
  }

  Result<void> compare_room(const Room& room, std::int64_t is) {
    RESPRING_TRY(const std::int64_t should, source_.live(room));
    if (is != should) {
      note(room, 0, "has " + std::to_string(should) + " messages, the index " + std::to_string(is));
    }
    if (options_.full) return compare_from(room, 0, std::numeric_limits<std::int64_t>::max());
    RESPRING_TRYV(compare_from(room, 0, options_.sample));
    const Seq late = room.last_seq - options_.sample;
    if (late < options_.sample) return success();
    return compare_from(room, late, options_.sample);
  }

  /// The messages behind `after`, at most `most`.
  Result<void> compare_from(const Room& room, Seq after, std::int64_t most) {
    while (most > 0) {
      const int limit = static_cast<int>(std::min<std::int64_t>(most, kDocumentsAtOnce));
      RESPRING_TRY(auto documents, source_.documents(room, after, limit));
      const bool last = documents.size() < static_cast<std::size_t>(limit);
      for (chat::SearchDocument& document : documents) {
        after = document.seq;
        if (document.seq <= room.last_seq) pending_.push_back({&room, std::move(document)});
      }
      if (pending_.size() >= kDocumentsAtOnce) {
        RESPRING_TRYV(flush());
      }
      most -= limit;
      if (last || after >= room.last_seq) return success();
    }
    return success();
  }

  Result<void> flush() {
    if (pending_.empty()) return success();
    std::vector<chat::SearchHit> places;
    for (const Should& should : pending_)
      places.push_back({should.document.room, should.document.seq});
    RESPRING_TRY(const auto entries, index_.find(places));
    for (std::size_t i = 0; i < pending_.size(); ++i) compare(pending_[i], entries.at(i));
    verdict_.compared += static_cast<std::int64_t>(pending_.size());
    pending_.clear();
    return success();
  }

  void compare(const Should& should, const std::optional<Indexed::Entry>& is) {
    const chat::SearchDocument& document = should.document;
    const bool live = document.text.has_value();
    const auto differs = [&](std::string what) {
      note(*should.room, document.seq, std::move(what));
    };
    if (!is) {
      // A message that was deleted before it was indexed may be missing altogether.
      if (live) differs("is not in the index");
    } else if (is->version != document.version) {
      differs("is version " + std::to_string(is->version) + " in the index, not " +
              std::to_string(document.version));
    } else if (is->text.has_value() != live) {
      differs(live ? "is deleted in the index only" : "is still found although it was deleted");
    } else if (is->text != document.text) {
      differs("has another text in the index");
    }
  }

  Source& source_;
  Indexed& index_;
  const VerifyOptions& options_;
  Verdict verdict_;
  std::set<RoomId> known_;  ///< of the differing
  std::vector<Should> pending_;
};

}  // namespace

Result<Verdict> verify(Source& source, Indexed& index, const VerifyOptions& options) {
  Comparison comparison(source, index, options);
  Place after = options.from;
  while (!comparison.is_enough()) {
    RESPRING_TRY(const auto rooms, source.rooms(after, kRoomsAtOnce));
    RESPRING_TRYV(comparison.add(rooms));
    if (rooms.size() < kRoomsAtOnce) break;
    after = rooms.back().place;
  }
  return comparison.take();
}

Result<Verdict> verify_rooms(Source& source, Indexed& index, const std::vector<Room>& rooms,
                             const VerifyOptions& options) {
  Comparison comparison(source, index, options);
  RESPRING_TRYV(comparison.add(rooms));
  return comparison.take();
}

}  // namespace respring::reindex
