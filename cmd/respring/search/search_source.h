#pragma once

#include "ops/reindex/verify.h"
#include "respring/shards.h"

namespace respring::cmd {

/// The room logs of a site as the truth about its search index. Borrows the shards; `index` is a
/// connection to the index's file.
class SearchSource final : public reindex::Source, public reindex::Indexed {
 public:
  SearchSource(Shards& shards, sql::Connection& index) : shards_(shards), index_(index) {}

  /// Rooms to walk over and messages ever sent in them.
  struct Extent {
    std::int64_t rooms = 0;
    std::int64_t messages = 0;
  };
  Result<Extent> extent();

  Result<std::vector<reindex::Room>> rooms(const reindex::Place& after, int limit) override;
  Result<std::vector<chat::SearchDocument>> documents(const reindex::Room& room, Seq after,
                                                      int limit) override;
  Result<std::int64_t> live(const reindex::Room& room) override;
  Result<std::vector<RoomId>> leftovers(RoomId after, int limit) override;

  Result<std::int64_t> count(RoomId room) override;
  Result<std::optional<Entry>> find(RoomId room, Seq seq) override;

 private:
  Result<void> add_rooms(int shard, const store::RoomKey& after, std::size_t limit,
                         std::vector<reindex::Room>& rooms);
  Result<bool> is_open(RoomId room);

  Shards& shards_;
  sql::Connection& index_;
};

}  // namespace respring::cmd
