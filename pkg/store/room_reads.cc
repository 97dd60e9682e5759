#include "store/room_reads.h"

#include <algorithm>

#include "store/whole_log.h"

namespace respring::store {
namespace {

struct Standing {
  RoomRow room;
  chat::Member me;
};

Result<RoomRow> open_room(sql::Connection& db, const RoomKey& key) {
  RESPRING_TRY(auto room, load_room(db, key));
  if (!room || room->closed_at) return not_found();
  return std::move(*room);
}

Result<Standing> standing(sql::Connection& db, const RoomKey& key, UserId reader) {
  RESPRING_TRY(auto room, open_room(db, key));
  RESPRING_TRY(const auto me, load_member(db, key, reader));
  if (!me || !me->present()) return not_found();
  return Standing{std::move(room), me->member};
}

using Messages = WholeLog::Messages;

// The messages on both sides of `middle`, the one nearest at or before it in the middle.
Result<Messages> messages_around(const WholeLog& log, Seq first, Seq last, Seq middle, int limit) {
  const int older = limit / 2 + 1;
  RESPRING_TRY(auto messages, log.messages(first, middle, End::newest, older));
  const int rest = limit - static_cast<int>(messages.size());
  const int newer = std::min(rest, std::max(limit - older, 0));
  RESPRING_TRY(auto behind, log.messages(middle + 1, last, End::oldest, newer));
  std::ranges::move(behind, std::back_inserter(messages));
  return messages;
}

Result<Messages> page_of(const WholeLog& log, Seq first, Seq last,
                         const chat::HistoryQuery& query) {
  using Anchor = chat::HistoryQuery::Anchor;
  switch (query.anchor) {
    case Anchor::latest:
      return log.messages(first, last, End::newest, query.limit);
    case Anchor::before:
      return log.messages(first, std::min(last, query.seq - 1), End::newest, query.limit);
    case Anchor::after:
      return log.messages(std::max(first, query.seq + 1), last, End::oldest, query.limit);
    case Anchor::around:
      return messages_around(log, first, last, std::min(last, query.seq), query.limit);
  }
  return Messages();
}

}  // namespace

Result<chat::History> read_history(sql::Connection& db, const RoomKey& key, UserId reader,
                                   const chat::HistoryQuery& asked, SegmentsAtHand& hand) {
  RESPRING_TRY(const auto at, standing(db, key, reader));
  const WholeLog log(db, key, at.room.archived_seq, hand);
  auto query = asked;
  query.seq = std::clamp<Seq>(query.seq, 0, at.room.last_seq + 1);
  const Seq first = at.me.joined_seq;
  const Seq last = at.room.last_seq;
  chat::History history;
  RESPRING_TRY(history.messages, page_of(log, first, last, query));
  RESPRING_TRYV(add_reactions(db, key, history.messages));
  // Of an empty page, both ends are where it was looked for.
  const bool empty = history.messages.empty();
  const bool before = query.anchor == chat::HistoryQuery::Anchor::before;
  const Seq oldest = empty ? (before ? first : query.seq + 1) : history.messages.front().seq;
  const Seq newest = empty ? (before ? query.seq - 1 : query.seq) : history.messages.back().seq;
  RESPRING_TRY(history.has_older, log.any_message(first, oldest - 1));
  RESPRING_TRY(history.has_newer, log.any_message(std::max(first, newest + 1), last));
  return history;
}

Result<chat::Message> read_one(sql::Connection& db, const RoomKey& key, UserId reader, Seq seq,
                               SegmentsAtHand& hand) {
  RESPRING_TRY(const auto at, standing(db, key, reader));
  if (seq < at.me.joined_seq) return not_found();
  const WholeLog log(db, key, at.room.archived_seq, hand);
  RESPRING_TRY(auto message, log.message(seq));
  if (!message) return not_found();
  return std::move(*message);
}

Result<chat::LogPage> read_log(sql::Connection& db, const RoomKey& key,
                               std::optional<UserId> reader, Seq after, int limit,
                               SegmentsAtHand& hand) {
  chat::LogPage page;
  RoomRow room;
  if (reader) {
    RESPRING_TRY(auto at, standing(db, key, *reader));
    page.first_seq = at.me.joined_seq;
    room = std::move(at.room);
  } else {
    RESPRING_TRY(room, open_room(db, key));
  }
  page.epoch = room.epoch;
  page.head = room.last_seq;
  if (after >= page.head) return page;  // before counting on: `after` may be the greatest number
  const Seq from = after >= page.first_seq ? after + 1 : page.first_seq;
  const WholeLog log(db, key, room.archived_seq, hand);
  RESPRING_TRY(page.events, log.events(room.epoch, from, room.last_seq, limit));
  return page;
}

Result<chat::SyncItem> read_sync(sql::Connection& db, const RoomKey& key, UserId reader,
                                 const chat::Cursor& cursor, int max_events) {
  auto found = standing(db, key, reader);
  if (!found) {
    if (found.assume_error().code != ErrorCode::not_found) return std::move(found).assume_error();
    return chat::SyncItem(chat::SyncGone{key.room});
  }
  const auto& [room, me] = found.assume_value();
  if (cursor.epoch != room.epoch || cursor.seq > room.last_seq)
    return chat::SyncItem(chat::SyncReset{key.room, room.epoch, me.joined_seq, room.last_seq});
  const Seq from = std::max(cursor.seq + 1, me.joined_seq);
  // Who has been away for so long reads the log: one room must not hold up all others.
  const bool archived = from <= std::min(room.archived_seq, room.last_seq);
  if (archived || room.last_seq - from + 1 > max_events)
    return chat::SyncItem(chat::SyncLimited{key.room, from, room.last_seq});
  chat::SyncEvents item{key.room, room.epoch, room.last_seq, {}};
  if (from <= room.last_seq) {
    SegmentsAtHand none;
    const WholeLog log(db, key, room.archived_seq, none);
    RESPRING_TRY(item.events, log.events(room.epoch, from, room.last_seq, max_events));
  }
  return chat::SyncItem(std::move(item));
}

Result<chat::RoomView> read_view(sql::Connection& db, const RoomKey& key, UserId reader,
                                 bool with_last_message) {
  RESPRING_TRY(const auto at, standing(db, key, reader));
  RESPRING_TRY(const auto cursor, load_cursor(db, key, reader));
  RESPRING_TRY(auto view, view_of(db, key, at.room, at.me, cursor, with_last_message));
  return view;
}

Result<std::vector<chat::Member>> read_members(sql::Connection& db, const RoomKey& key,
                                               UserId reader, std::optional<chat::Member> after,
                                               int limit) {
  RESPRING_TRYV(standing(db, key, reader));
  const auto behind = after.value_or(chat::Member{});
  RESPRING_TRY(
      auto rows,
      db.query("SELECT m.user_id, m.role, m.joined_seq, COALESCE(c.seq, 0) FROM member m "
               "LEFT JOIN read_cursor c ON c.slot=m.slot AND c.room_id=m.room_id "
               "AND c.user_id=m.user_id WHERE m.slot=? AND m.room_id=? AND m.left_seq IS NULL "
               "AND m.joined_seq>=? AND (m.joined_seq>? OR m.user_id>?) "
               "ORDER BY m.joined_seq, m.user_id LIMIT ?",
               key.slot.value, key.room, behind.joined_seq, behind.joined_seq, behind.user, limit));
  std::vector<chat::Member> members;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return members;
    members.push_back(
        {rows.id<UserId>(0), static_cast<chat::Role>(rows.int64(1)), rows.int64(2), rows.int64(3)});
  }
}

Result<std::vector<chat::Member>> read_members_for_node(sql::Connection& db, const RoomKey& key) {
  RESPRING_TRYV(open_room(db, key));
  RESPRING_TRY(auto members, load_members(db, key));
  return members;
}

Result<chat::Head> read_head(sql::Connection& db, const RoomKey& key) {
  RESPRING_TRY(const auto room, open_room(db, key));
  return chat::Head{room.epoch, room.last_seq, room.last_ordinal};
}

Result<std::vector<chat::Message>> read_messages_by(sql::Connection& db, const RoomKey& key,
                                                    UserId sender, Seq after, int limit,
                                                    SegmentsAtHand& hand) {
  RESPRING_TRY(const auto room, load_room(db, key));
  if (!room) return Messages();
  return WholeLog(db, key, room->archived_seq, hand).messages_by(sender, after, limit);
}

Result<std::vector<Membership>> read_rooms_of(sql::Connection& db, UserId user,
                                              chat::Memberships which) {
  const bool ever = which == chat::Memberships::ever;
  RESPRING_TRY(
      auto rows,
      db.query(
          "SELECT m.slot, m.room_id, o.epoch FROM member m JOIN slot_owner o ON o.keyspace='room' "
          "AND o.slot=m.slot WHERE m.user_id=? AND (?=1 OR m.left_seq IS NULL) AND o.state IN "
          "('ACTIVE','MOVING','FROZEN') ORDER BY m.room_id",
          user, ever));
  std::vector<Membership> found;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return found;
    const shardmap::Slot slot{static_cast<std::int32_t>(rows.int64(0))};
    found.push_back({{slot, rows.id<RoomId>(1)}, rows.int64(2)});
  }
}

}  // namespace respring::store
