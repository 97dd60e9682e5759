#pragma once

#include <functional>

#include "ops/reindex/source.h"
#include "respring/shards.h"

namespace respring::cmd {

/// The room logs of a site as the truth about its search index. Borrows the shards.
class LogSource final : public reindex::Source {
 public:
  /// Rooms behind the given one that the index has documents of, ascending.
  using IndexedRooms = std::function<Result<std::vector<RoomId>>(RoomId after, int limit)>;

  explicit LogSource(Shards& shards, IndexedRooms indexed = {})
      : shards_(shards), indexed_(std::move(indexed)) {}

  /// Rooms to walk over and messages ever sent in them.
  struct Extent {
    std::int64_t rooms = 0;
    std::int64_t messages = 0;
  };
  Result<Extent> extent();

  Result<std::vector<reindex::Room>> rooms(const reindex::Place& after, int limit) override;
  Result<std::vector<chat::SearchDocument>> documents(const reindex::Room& room, Seq after,
                                                      int limit) override;
  Result<reindex::Page> page(const reindex::Mark& after, int limit) override;
  Result<std::optional<chat::SearchDocument>> document(RoomId room, Seq seq) override;
  Result<std::int64_t> live(const reindex::Room& room) override;
  Result<std::vector<RoomId>> leftovers(RoomId after, int limit) override;

 private:
  Result<void> add_rooms(int shard, const store::RoomKey& after, std::size_t limit,
                         std::vector<reindex::Room>& rooms);
  Result<void> add_documents(int shard, const std::vector<store::WalkedMessage>& messages,
                             reindex::Page& page);
  /// The messages that follow the page's end, at most about `limit`; whether there may be more.
  Result<bool> add_next(int shard, int limit, reindex::Page& page);
  Result<void> add_segment(int shard, const store::SegmentRow& row, reindex::Page& page);
  Result<bool> is_open(RoomId room);

  Shards& shards_;
  IndexedRooms indexed_;
};

}  // namespace respring::cmd
