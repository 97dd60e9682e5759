#include "store/room_rows.h"

#include <algorithm>
#include <string>

namespace respring::store {
namespace {

chat::Role role_of(std::int64_t stored) {
  return static_cast<chat::Role>(std::clamp<std::int64_t>(stored, 0, 2));
}

}  // namespace

RoomRow read_room(const sql::Rows& row) {
  RoomRow room;
  room.kind = row.int64(0) == 0 ? chat::RoomKind::direct : chat::RoomKind::group;
  room.epoch = row.int64(1);
  room.last_seq = row.int64(2);
  room.last_ordinal = row.int64(3);
  room.title = row.maybe_text(4);
  room.member_count = row.int64(5);
  room.block_count = row.int64(6);
  room.last_at = row.time(7);
  room.created_at = row.time(8);
  room.closed_at = row.maybe_time(9);
  room.archived_seq = row.int64(10);
  return room;
}

MemberRow read_member(const sql::Rows& row) {
  return {{row.id<UserId>(0), role_of(row.int64(1)), row.int64(2)},
          row.maybe_int64(3),
          row.int64(4) != 0};
}

sql::Result<std::optional<RoomRow>> load_room(sql::Connection& db, const RoomKey& key,
                                              std::string_view lock) {
  auto text = "SELECT" + std::string(kRoomColumns) + "FROM room WHERE slot=? AND room_id=?";
  text += lock;
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room));
  RESPRING_TRY(const bool found, rows.next());
  return found ? std::optional(read_room(rows)) : std::nullopt;
}

sql::Result<std::optional<MemberRow>> load_member(sql::Connection& db, const RoomKey& key,
                                                  UserId user) {
  static const auto kText = "SELECT" + std::string(kMemberColumns) +
                            "FROM member WHERE slot=? AND room_id=? AND user_id=?";
  RESPRING_TRY(auto rows, db.query(kText, key.slot.value, key.room, user));
  RESPRING_TRY(const bool found, rows.next());
  return found ? std::optional(read_member(rows)) : std::nullopt;
}

sql::Result<CursorRow> load_cursor(sql::Connection& db, const RoomKey& key, UserId user) {
  RESPRING_TRY(auto rows, db.query("SELECT seq, ordinal FROM read_cursor WHERE slot=? AND "
                                   "room_id=? AND user_id=?",
                                   key.slot.value, key.room, user));
  RESPRING_TRY(const bool found, rows.next());
  return found ? CursorRow{rows.int64(0), rows.int64(1)} : CursorRow{};
}

chat::Message read_message(const sql::Rows& row, RoomId room) {
  chat::Message message;
  message.room = room;
  message.seq = row.int64(0);
  message.ordinal = row.int64(1);
  message.sender = row.id<UserId>(2);
  message.cid = row.uuid(3);
  message.text = row.maybe_text(4);
  message.reply_to = row.maybe_int64(5);
  message.attachments = row.is_null(6) ? "[]" : row.text(6);
  message.meta = row.maybe_text(7);
  message.created_at = row.time(8);
  message.edited_at = row.maybe_time(9);
  message.deleted = !row.is_null(10);
  message.version = row.int64(11);
  return message;
}

sql::Result<std::vector<chat::Message>> read_messages(sql::Rows rows, RoomId room) {
  std::vector<chat::Message> messages;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return messages;
    messages.push_back(read_message(rows, room));
  }
}

sql::Result<void> add_reactions(sql::Connection& db, const RoomKey& key,
                                std::vector<chat::Message>& messages) {
  if (messages.empty()) return success();
  RESPRING_TRY(auto rows,
               db.query("SELECT target_seq, user_id, emoji FROM reaction WHERE slot=? AND "
                        "room_id=? AND target_seq BETWEEN ? AND ? ORDER BY target_seq, at_seq",
                        key.slot.value, key.room, messages.front().seq, messages.back().seq));
  auto message = messages.begin();
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return success();
    while (message != messages.end() && message->seq < rows.int64(0)) ++message;
    if (message == messages.end()) return success();
    if (message->seq != rows.int64(0)) continue;
    auto& reactions = message->reactions;
    const auto emoji = rows.view(2);
    auto entry = std::ranges::find(reactions, emoji, [](const auto& e) { return e.first; });
    if (entry == reactions.end()) entry = reactions.insert(entry, {std::string(emoji), {}});
    entry->second.push_back(rows.id<UserId>(1));
  }
}

sql::Result<std::optional<chat::Message>> load_message(sql::Connection& db, const RoomKey& key,
                                                       Seq seq) {
  static const std::string kText =
      "SELECT" + std::string(kMessageColumns) + "FROM message WHERE slot=? AND room_id=? AND seq=?";
  RESPRING_TRY(auto rows, db.query(kText, key.slot.value, key.room, seq));
  RESPRING_TRY(auto messages, read_messages(std::move(rows), key.room));
  if (messages.empty()) return std::optional<chat::Message>();
  RESPRING_TRYV(add_reactions(db, key, messages));
  return std::optional(std::move(messages.front()));
}

std::string from_by_key(const sql::Connection& db, std::string_view table) {
  std::string text = "FROM ";
  return text.append(table).append(db.dialect().by_primary_key()).append(" ");
}

sql::Result<Ordinal> load_ordinal_at(sql::Connection& db, const RoomKey& key, Seq seq) {
  const auto text = "SELECT ordinal " + from_by_key(db, "message") +
                    "WHERE slot=? AND room_id=? AND seq<=? ORDER BY seq DESC LIMIT 1";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, seq));
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.int64(0) : 0;
}

sql::Result<std::vector<chat::Member>> load_members(sql::Connection& db, const RoomKey& key) {
  RESPRING_TRY(auto rows, db.query("SELECT user_id, role, joined_seq FROM member WHERE slot=? AND "
                                   "room_id=? AND left_seq IS NULL ORDER BY joined_seq, user_id",
                                   key.slot.value, key.room));
  std::vector<chat::Member> members;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return members;
    members.push_back({rows.id<UserId>(0), role_of(rows.int64(1)), rows.int64(2)});
  }
}

namespace {

sql::Result<std::optional<UserId>> load_peer(sql::Connection& db, const RoomKey& key,
                                             UserId reader) {
  RESPRING_TRY(auto rows, db.query("SELECT user_id FROM member WHERE slot=? AND room_id=? AND "
                                   "user_id<>? LIMIT 1",
                                   key.slot.value, key.room, reader));
  RESPRING_TRY(const bool found, rows.next());
  return found ? std::optional(rows.id<UserId>(0)) : std::nullopt;
}

sql::Result<std::optional<chat::Message>> load_last_message(sql::Connection& db, const RoomKey& key,
                                                            Seq from) {
  const auto text = "SELECT" + std::string(kMessageColumns) + from_by_key(db, "message") +
                    "WHERE slot=? AND room_id=? AND seq>=? ORDER BY seq DESC LIMIT 1";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, from));
  RESPRING_TRY(auto messages, read_messages(std::move(rows), key.room));
  if (messages.empty()) return std::optional<chat::Message>();
  RESPRING_TRYV(add_reactions(db, key, messages));
  return std::optional(std::move(messages.front()));
}

}  // namespace

sql::Result<chat::RoomView> view_of(sql::Connection& db, const RoomKey& key, const RoomRow& room,
                                    const chat::Member& reader, const CursorRow& cursor,
                                    bool with_last_message) {
  chat::RoomView view;
  view.id = key.room;
  view.kind = room.kind;
  view.title = room.title;
  view.created_at = room.created_at;
  view.member_count = room.member_count;
  view.role = reader.role;
  view.head = {room.epoch, room.last_seq, room.last_ordinal};
  view.first_seq = reader.joined_seq;
  view.read_seq = cursor.seq;
  view.unread = room.last_ordinal - cursor.ordinal;
  view.last_at = room.last_at;
  if (room.kind == chat::RoomKind::direct) {
    RESPRING_TRY(view.peer, load_peer(db, key, reader.user));
  }
  if (with_last_message) {
    RESPRING_TRY(view.last_message, load_last_message(db, key, reader.joined_seq));
  }
  return view;
}

}  // namespace respring::store
