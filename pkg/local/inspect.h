#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "sql/connection.h"

/// What an operator's commands read of the local event bus and search index, beside whoever works
/// with them. Nothing here writes.
namespace respring::local {

struct GroupLag {
  std::string topic;
  std::string group;
  std::int64_t behind = 0;  ///< records not committed yet
};
sql::Result<std::vector<GroupLag>> group_lags(sql::Connection& bus);

/// Where an event of a room went.
struct BusPlace {
  int partition = 0;
  std::optional<std::int64_t> offset;  ///< nothing: never published, or every group is done with it
  std::vector<GroupLag> groups;        ///< `behind` within this partition
  std::vector<std::string> pending;    ///< the groups that have not committed it yet
};
/// Reads the records of that room that are still kept.
sql::Result<BusPlace> place_on_bus(sql::Connection& bus, std::string_view topic, RoomId room,
                                   Seq seq);

struct IndexedMessage {
  Version version = 0;
  std::optional<std::string> text;  ///< nothing: a tombstone
};
sql::Result<std::optional<IndexedMessage>> indexed_message(sql::Connection& index, RoomId room,
                                                           Seq seq);
/// Live documents of one room up to that seq.
sql::Result<std::int64_t> indexed_count(sql::Connection& index, RoomId room, Seq last);
sql::Result<std::int64_t> indexed_total(sql::Connection& index);
/// Rooms behind `after` that the index knows, ascending.
sql::Result<std::vector<RoomId>> indexed_rooms(sql::Connection& index, RoomId after, int limit);

}  // namespace respring::local
