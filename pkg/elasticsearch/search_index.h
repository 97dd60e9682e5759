#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "chat/ports/search_index.h"
#include "elasticsearch/client.h"
#include "telemetry/health.h"

namespace respring::elasticsearch {

/// The search index on Elasticsearch from 7.10 on or OpenSearch, with its analysis plugin nori. It
/// hands out candidates; SearchQuery::offset counts them, and beyond 50,000 a search is refused.
///
/// Making one does no I/O: the engine is looked at, and the index made if it is missing, when it is
/// first used. While it cannot be used each call says why, as `upstream_unavailable`, and the next
/// one tries again. Safe from any thread; what blocks must not run on an I/O thread.
class SearchIndex : public chat::SearchIndex {
 public:
  /// What the index has of a message.
  struct Entry {
    Version version = 0;
    bool live = false;                  ///< no tombstone
    std::optional<std::string> text{};  ///< of a live one
  };

  /// Whether it can be used, now.
  virtual Task<Result<Engine>> check() = 0;
  /// For who serves searches: looks at the engine now and goes on looking while it does not answer,
  /// and wakes it up: its first search takes seconds, longer than a member's search may.
  virtual void watch() = 0;
  /// As the last call found it; true without calls only when it is watched.
  virtual health::Status status() const = 0;
  /// As written last, visible to search or not; blocks.
  virtual Result<std::optional<Entry>> find(RoomId room, Seq seq) = 0;
  /// The same of several, in their order. At most some hundreds; blocks.
  virtual Result<std::vector<std::optional<Entry>>> find(
      const std::vector<chat::SearchHit>& messages) = 0;
  /// Live documents of rooms, each up to a seq, as far as they are visible. At most some hundreds;
  /// blocks.
  virtual Result<std::vector<std::int64_t>> counts(
      const std::vector<std::pair<RoomId, Seq>>& rooms) = 0;
  /// Rooms behind `after` that it has documents of, tombstones too, ascending; blocks.
  virtual Result<std::vector<RoomId>> rooms(RoomId after, int limit) = 0;
  /// Makes visible what was written with Options::refresh off; blocks.
  virtual Result<void> refresh() = 0;
};

std::unique_ptr<SearchIndex> make_search_index(Options options);

}  // namespace respring::elasticsearch
