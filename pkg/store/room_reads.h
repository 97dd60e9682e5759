#pragma once

#include <vector>

#include "chat/types.h"
#include "store/room_rows.h"
#include "store/segments_at_hand.h"

/// What is read of the rooms of one shard. Blocking; each runs inside one transaction of the
/// caller, so that what it answers is of one moment. For whom a room does not exist: `not_found`.
/// What reaches into archived events needs their segments at hand: see WholeLog.
namespace respring::store {

Result<chat::History> read_history(sql::Connection& db, const RoomKey& key, UserId reader,
                                   const chat::HistoryQuery& query, SegmentsAtHand& hand);
Result<chat::Message> read_one(sql::Connection& db, const RoomKey& key, UserId reader, Seq seq,
                               SegmentsAtHand& hand);
/// `reader` nothing: for a node, from the first event on.
Result<chat::LogPage> read_log(sql::Connection& db, const RoomKey& key,
                               std::optional<UserId> reader, Seq after, int limit,
                               SegmentsAtHand& hand);
Result<chat::SyncItem> read_sync(sql::Connection& db, const RoomKey& key, UserId reader,
                                 const chat::Cursor& cursor, int max_events);
Result<chat::RoomView> read_view(sql::Connection& db, const RoomKey& key, UserId reader,
                                 bool with_last_message);
Result<std::vector<chat::Member>> read_members(sql::Connection& db, const RoomKey& key,
                                               UserId reader, std::optional<chat::Member> after,
                                               int limit);
Result<std::vector<chat::Member>> read_members_for_node(sql::Connection& db, const RoomKey& key);
Result<chat::Head> read_head(sql::Connection& db, const RoomKey& key);
Result<std::vector<chat::Message>> read_messages_by(sql::Connection& db, const RoomKey& key,
                                                    UserId sender, Seq after, int limit,
                                                    SegmentsAtHand& hand);
/// A room that somebody is in, and the epoch of its slot here.
struct Membership {
  RoomKey key;
  std::int64_t epoch = 0;
};
Result<std::vector<Membership>> read_rooms_of(sql::Connection& db, UserId user,
                                              chat::Memberships which);

}  // namespace respring::store
