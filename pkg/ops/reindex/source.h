#pragma once

#include <vector>

#include "chat/ports/search_index.h"

namespace respring::reindex {

/// A room's place in the walk: shards in the map's order, rooms by slot and id.
struct Place {
  int shard = 0;
  int slot = -1;
  RoomId room{};
  auto operator<=>(const Place&) const = default;
};

struct Room {
  Place place;
  Seq last_seq = 0;
  std::int64_t messages = 0;  ///< ever sent
};

/// Where the truth is read from. Calls block.
class Source {
 public:
  virtual ~Source() = default;
  /// Open rooms behind `after`, at most `limit`, in the order of Place; fewer only at the end.
  virtual Result<std::vector<Room>> rooms(const Place& after, int limit) = 0;
  /// What the index should hold of the messages behind `after`, tombstones too, ascending.
  virtual Result<std::vector<chat::SearchDocument>> documents(const Room& room, Seq after,
                                                              int limit) = 0;
  /// Messages of the room that are not deleted.
  virtual Result<std::int64_t> live(const Room& room) = 0;
  /// Rooms behind `after` that the index knows and that are not open any more, ascending.
  virtual Result<std::vector<RoomId>> leftovers(RoomId after, int limit) = 0;
};

}  // namespace respring::reindex
