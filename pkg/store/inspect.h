#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chat/types.h"
#include "sql/connection.h"
#include "store/room_rows.h"
#include "store/segments_at_hand.h"

/// What an operator's commands read of a shard, whoever may see it: for doctor, trace, room and
/// search. Nothing here writes. Each call is one moment only inside a transaction of the caller.
namespace respring::store {

struct RoomEntry {
  RoomKey key;
  RoomRow row;
};

/// Every room behind `after`, closed ones too, in the order of slot and id; from the first one on
/// with a slot of -1.
sql::Result<std::vector<RoomEntry>> all_rooms(sql::Connection& db, const RoomKey& after, int limit);
sql::Result<std::int64_t> count_rooms(sql::Connection& db);

/// Messages with seq > `after`, archived and deleted ones too, ascending, without reactions: what
/// is archived must be at hand, see WholeLog.
Result<std::vector<chat::Message>> all_messages(sql::Connection& db, const RoomKey& key, Seq after,
                                                int limit, SegmentsAtHand& hand);
/// Whether any message is there that is not deleted.
sql::Result<bool> has_messages(sql::Connection& db);
/// Messages of a room up to that seq that are not deleted, archived ones too.
sql::Result<std::int64_t> count_live(sql::Connection& db, const RoomKey& key, Seq last);

/// A message as a walk over the whole shard meets it.
struct WalkedMessage {
  RoomKey key;
  chat::Message message;
};
/// Messages of all rooms behind that place that are not archived, in the order of slot, room and
/// seq, deleted ones too, without reactions; from the first one on with a slot of -1. One range of
/// the table's own order; next_segment() gives what lies between them.
sql::Result<std::vector<WalkedMessage>> walk_messages(sql::Connection& db, const RoomKey& room,
                                                      Seq after, int limit);
/// Of rooms with slots from `first` to `last` those that are closed.
sql::Result<std::vector<RoomId>> closed_rooms(sql::Connection& db, shardmap::Slot first,
                                              shardmap::Slot last);

/// What is wrong with a room's log: holes, numbers beyond its end, ordinals that do not count the
/// messages (I3). One sentence each; none: it is dense.
sql::Result<std::vector<std::string>> density_faults(sql::Connection& db, const RoomEntry& room);

struct SlotRow {
  std::int32_t slot = 0;
  std::string state;
  std::int64_t epoch = 0;
};
sql::Result<std::vector<SlotRow>> slot_rows(sql::Connection& db);

struct OutboxState {
  std::int64_t rows = 0;
  std::optional<Time> oldest;
};
sql::Result<OutboxState> outbox_state(sql::Connection& db);
/// Whether an event still waits there; looks at the first `most_rows` rows.
Result<bool> outbox_holds(sql::Connection& db, RoomId room, Seq seq, int most_rows);

/// The places of the messages with that client id, archived ones too; reads the whole index of
/// them.
sql::Result<std::vector<std::pair<RoomKey, Seq>>> places_of_cid(sql::Connection& db,
                                                                const Uuid& cid, int limit);

/// An event about a message; archived ones are left out.
struct LaterEvent {
  Seq seq = 0;
  std::string kind;
  UserId actor;
  Time at{};
};
sql::Result<std::vector<LaterEvent>> events_about(sql::Connection& db, const RoomKey& key,
                                                  Seq target, int limit);

struct Readership {
  std::int64_t members = 0;  ///< present ones who may see that seq
  std::int64_t read = 0;     ///< of them those whose cursor is at or beyond it
};
sql::Result<Readership> readership_of(sql::Connection& db, const RoomKey& key, Seq seq);

/// The newest time that a room of this shard carries.
sql::Result<std::optional<Time>> newest_time(sql::Connection& db);

}  // namespace respring::store
