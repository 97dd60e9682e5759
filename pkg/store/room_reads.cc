#include "store/room_reads.h"

#include <algorithm>
#include <string>

#include "store/change_body.h"

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

using Messages = std::vector<chat::Message>;

// Messages with seq in [from, to], the first or the last `limit` of them, always ascending.
sql::Result<Messages> messages_between(sql::Connection& db, const RoomKey& key, Seq from, Seq to,
                                       bool newest, int limit) {
  const auto text = "SELECT" + std::string(kMessageColumns) + from_by_key(db, "message") +
                    "WHERE slot=? AND room_id=? AND seq BETWEEN ? AND ? ORDER BY seq " +
                    (newest ? "DESC" : "ASC") + " LIMIT ?";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, from, to, limit));
  RESPRING_TRY(auto messages, read_messages(std::move(rows), key.room));
  if (newest) std::ranges::reverse(messages);
  return messages;
}

sql::Result<bool> any_message(sql::Connection& db, const RoomKey& key, Seq from, Seq to) {
  if (to < from) return false;
  const auto text = "SELECT 1 " + from_by_key(db, "message") +
                    "WHERE slot=? AND room_id=? AND seq BETWEEN ? AND ? LIMIT 1";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, from, to));
  return rows.next();
}

// The messages on both sides of `middle`, the one nearest at or before it in the middle.
sql::Result<Messages> messages_around(sql::Connection& db, const RoomKey& key, Seq first, Seq last,
                                      Seq middle, int limit) {
  const int older = limit / 2 + 1;
  RESPRING_TRY(auto messages, messages_between(db, key, first, middle, true, older));
  const int rest = limit - static_cast<int>(messages.size());
  const int newer = std::min(rest, std::max(limit - older, 0));
  RESPRING_TRY(auto behind, messages_between(db, key, middle + 1, last, false, newer));
  std::ranges::move(behind, std::back_inserter(messages));
  return messages;
}

sql::Result<Messages> page_of(sql::Connection& db, const RoomKey& key, Seq first, Seq last,
                              const chat::HistoryQuery& query) {
  using Anchor = chat::HistoryQuery::Anchor;
  switch (query.anchor) {
    case Anchor::latest:
      return messages_between(db, key, first, last, true, query.limit);
    case Anchor::before:
      return messages_between(db, key, first, std::min(last, query.seq - 1), true, query.limit);
    case Anchor::after:
      return messages_between(db, key, std::max(first, query.seq + 1), last, false, query.limit);
    case Anchor::around:
      return messages_around(db, key, first, last, std::min(last, query.seq), query.limit);
  }
  return Messages();
}

}  // namespace

Result<chat::History> read_history(sql::Connection& db, const RoomKey& key, UserId reader,
                                   const chat::HistoryQuery& asked) {
  RESPRING_TRY(const auto at, standing(db, key, reader));
  auto query = asked;
  query.seq = std::clamp<Seq>(query.seq, 0, at.room.last_seq + 1);
  const Seq first = at.me.joined_seq;
  const Seq last = at.room.last_seq;
  chat::History history;
  RESPRING_TRY(history.messages, page_of(db, key, first, last, query));
  RESPRING_TRYV(add_reactions(db, key, history.messages));
  // Of an empty page, both ends are where it was looked for.
  const bool empty = history.messages.empty();
  const bool before = query.anchor == chat::HistoryQuery::Anchor::before;
  const Seq oldest = empty ? (before ? first : query.seq + 1) : history.messages.front().seq;
  const Seq newest = empty ? (before ? query.seq - 1 : query.seq) : history.messages.back().seq;
  RESPRING_TRY(history.has_older, any_message(db, key, first, oldest - 1));
  RESPRING_TRY(history.has_newer, any_message(db, key, std::max(first, newest + 1), last));
  return history;
}

Result<chat::Message> read_one(sql::Connection& db, const RoomKey& key, UserId reader, Seq seq) {
  RESPRING_TRY(const auto at, standing(db, key, reader));
  if (seq < at.me.joined_seq) return not_found();
  RESPRING_TRY(auto message, load_message(db, key, seq));
  if (!message) return not_found();
  return std::move(*message);
}

namespace {

Result<std::vector<chat::Event>> load_changes(sql::Connection& db, const RoomKey& key,
                                              RoomEpoch epoch, Seq from, int limit) {
  const auto text = "SELECT seq, kind, actor_id, target_seq, version, text, body, created_at " +
                    from_by_key(db, "change_event") +
                    "WHERE slot=? AND room_id=? AND seq>=? ORDER BY seq LIMIT ?";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, from, limit));
  std::vector<chat::Event> events;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return events;
    RESPRING_TRY(auto body, body_from(rows.view(1), rows.maybe_int64(3), rows.maybe_int64(4),
                                      rows.maybe_text(5), rows.view(6)));
    events.push_back(
        {key.room, epoch, rows.int64(0), rows.id<UserId>(2), rows.time(7), std::move(body)});
  }
}

// The room's log from there on: messages and changes merged by seq.
Result<std::vector<chat::Event>> load_events(sql::Connection& db, const RoomKey& key,
                                             const RoomRow& room, Seq from, int limit) {
  RESPRING_TRY(auto changes, load_changes(db, key, room.epoch, from, limit));
  RESPRING_TRY(auto messages, messages_between(db, key, from, room.last_seq, false, limit));
  RESPRING_TRYV(add_reactions(db, key, messages));
  std::vector<chat::Event> events;
  events.reserve(changes.size() + messages.size());
  auto change = changes.begin();
  for (auto& message : messages) {
    while (change != changes.end() && change->seq < message.seq)
      events.push_back(std::move(*change++));
    events.push_back({key.room, room.epoch, message.seq, message.sender, message.created_at,
                      chat::Sent{std::move(message)}});
  }
  std::move(change, changes.end(), std::back_inserter(events));
  if (events.size() > static_cast<std::size_t>(limit))
    events.erase(events.begin() + limit, events.end());
  return events;
}

}  // namespace

Result<chat::LogPage> read_log(sql::Connection& db, const RoomKey& key,
                               std::optional<UserId> reader, Seq after, int limit) {
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
  RESPRING_TRY(page.events, load_events(db, key, room, from, limit));
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
  if (room.last_seq - from + 1 > max_events)
    return chat::SyncItem(chat::SyncLimited{key.room, from, room.last_seq});
  chat::SyncEvents item{key.room, room.epoch, room.last_seq, {}};
  if (from <= room.last_seq) {
    RESPRING_TRY(item.events, load_events(db, key, room, from, max_events));
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
                                                    UserId sender, Seq after, int limit) {
  static const auto kText = "SELECT" + std::string(kMessageColumns) +
                            "FROM message WHERE slot=? AND room_id=? AND sender_id=? AND seq>? "
                            "AND deleted_at IS NULL ORDER BY seq LIMIT ?";
  RESPRING_TRY(auto rows, db.query(kText, key.slot.value, key.room, sender, after, limit));
  RESPRING_TRY(auto messages, read_messages(std::move(rows), key.room));
  RESPRING_TRYV(add_reactions(db, key, messages));
  return messages;
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
