#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/types.h"

namespace respring::chat {

/// What the index knows of a message. Of two with the same (room, seq) the higher version stays.
struct SearchDocument {
  RoomId room;
  Seq seq = 0;
  UserId sender;
  Time created_at{};
  Version version = 1;
  std::optional<std::string>
      text{};  ///< nothing: a tombstone, so that the version is not forgotten
};

struct SearchQuery {
  std::string text;  ///< as the member typed it
  /// Where he may look, and from which seq on.
  std::vector<std::pair<RoomId, Seq>> rooms;
  std::optional<UserId> sender;
  std::optional<Time> since;  ///< inclusive
  std::optional<Time> until;  ///< exclusive
  int limit = 50;
  std::int64_t offset = 0;  ///< candidates to pass over
};

struct SearchHit {
  RoomId room;
  Seq seq = 0;
};

/// Finds messages by the semantics of chat/search_terms.h. It may hand out candidates that do not
/// match after all (the search service checks each against the text), but leaves out no match.
/// Ranked by match, then newest; the same query gives the same order. Safe from any thread.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;
  /// Durable and visible to search when it returns. Blocks: for the indexer's own thread.
  virtual Result<void> write(const std::vector<SearchDocument>& documents) = 0;
  virtual Task<Result<std::vector<SearchHit>>> search(SearchQuery query) = 0;
  /// Live documents (no tombstones), of one room or of all (room 0).
  virtual Result<std::int64_t> count(RoomId room) = 0;
  /// Removes everything of one room or, with room 0, of all; blocks.
  virtual Result<void> clear(RoomId room) = 0;
};

}  // namespace respring::chat
