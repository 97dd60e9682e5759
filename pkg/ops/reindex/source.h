#pragma once

#include <optional>
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

/// A message's place in the walk.
struct Mark {
  Place place{};
  Seq seq = 0;
  auto operator<=>(const Mark&) const = default;
};

struct Room {
  Place place;
  Seq last_seq = 0;
  std::int64_t messages = 0;  ///< ever sent
};

/// Messages that follow each other in the walk, whatever rooms they are of.
struct Page {
  std::vector<chat::SearchDocument> documents;  ///< tombstones too; of open rooms
  Mark end{};                                   ///< where the next page begins
  bool last = false;
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
  /// The same over all rooms: about `limit` messages behind `after`, and fewer where rooms are
  /// closed or elsewhere.
  virtual Result<Page> page(const Mark& after, int limit) = 0;
  /// One message as it is now; nothing when it is in no open room.
  virtual Result<std::optional<chat::SearchDocument>> document(RoomId room, Seq seq) = 0;
  /// Messages up to `room.last_seq` that are not deleted.
  virtual Result<std::int64_t> live(const Room& room) = 0;
  /// Rooms behind `after` that the index knows and that are not open any more, ascending.
  virtual Result<std::vector<RoomId>> leftovers(RoomId after, int limit) = 0;
};

}  // namespace respring::reindex
