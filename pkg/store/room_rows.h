#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/types.h"
#include "shardmap/slot.h"
#include "sql/connection.h"

/// The rows of a room's tables as values, for the write path and the reads alike.
namespace respring::store {

/// A room and where it lies; every primary key begins with these two.
struct RoomKey {
  shardmap::Slot slot;
  RoomId room;
};

struct RoomRow {
  chat::RoomKind kind = chat::RoomKind::group;
  RoomEpoch epoch = 1;
  Seq last_seq = 0;
  Ordinal last_ordinal = 0;
  std::optional<std::string> title;
  std::int64_t member_count = 0;
  std::int64_t block_count = 0;
  Time last_at{};
  Time created_at{};
  std::optional<Time> closed_at;
  Seq archived_seq = 0;  ///< up to here events may lie in the blob store
};

struct MemberRow {
  chat::Member member;
  std::optional<Seq> left_seq;
  bool blocking = false;
  bool present() const { return !left_seq; }
};

/// A reader's position; this default is that of a founder who has read nothing.
struct CursorRow {
  Seq seq = 1;
  Ordinal ordinal = 0;
};

/// What read_room() and read_member() expect to be selected, in this order; the room's id last.
inline constexpr std::string_view kRoomColumns =
    " kind, epoch, last_seq, last_ordinal, title, member_count, block_count, last_at, created_at, "
    "deleted_at, archived_seq, room_id ";
inline constexpr int kRoomIdColumn = 11;
inline constexpr std::string_view kMemberColumns =
    " user_id, role, joined_seq, left_seq, blocking, room_id ";
inline constexpr int kMemberRoomColumn = 5;
RoomRow read_room(const sql::Rows& row);
MemberRow read_member(const sql::Rows& row);
/// As it is stored.
inline int column_of(chat::RoomKind kind) { return kind == chat::RoomKind::direct ? 0 : 1; }

sql::Result<std::optional<RoomRow>> load_room(sql::Connection& db, const RoomKey& key,
                                              std::string_view lock = {});
sql::Result<std::optional<MemberRow>> load_member(sql::Connection& db, const RoomKey& key,
                                                  UserId user);
sql::Result<CursorRow> load_cursor(sql::Connection& db, const RoomKey& key, UserId user);
/// With its reactions; nothing when that seq is no message.
sql::Result<std::optional<chat::Message>> load_message(sql::Connection& db, const RoomKey& key,
                                                       Seq seq);
/// The ordinal of the last message with seq ≤ `seq`, 0 before the first.
sql::Result<Ordinal> load_ordinal_at(sql::Connection& db, const RoomKey& key, Seq seq);
/// The members present, ordered by joined_seq and user id.
sql::Result<std::vector<chat::Member>> load_members(sql::Connection& db, const RoomKey& key);

/// `FROM table `, to be read by its primary key whatever the statistics say. Where many rows came
/// or went a moment ago they let MySQL take another index, and read a whole room for a page of it.
std::string from_by_key(const sql::Connection& db, std::string_view table);

/// What read_message() expects to be selected, in this order.
inline constexpr std::string_view kMessageColumns =
    " seq, ordinal, sender_id, cid, text, reply_to, attachments, meta, created_at, edited_at, "
    "deleted_at, version ";
chat::Message read_message(const sql::Rows& row, RoomId room);
/// Reads the rows of a query for kMessageColumns to their end.
sql::Result<std::vector<chat::Message>> read_messages(sql::Rows rows, RoomId room);
/// Fills in the reactions of neighbouring messages in ascending order, with one query.
sql::Result<void> add_reactions(sql::Connection& db, const RoomKey& key,
                                std::vector<chat::Message>& messages);

/// The room as that member sees it.
sql::Result<chat::RoomView> view_of(sql::Connection& db, const RoomKey& key, const RoomRow& room,
                                    const chat::Member& reader, const CursorRow& cursor,
                                    bool with_last_message);

}  // namespace respring::store
