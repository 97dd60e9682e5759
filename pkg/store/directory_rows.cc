#include "store/directory_rows.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/json.h"

namespace respring::store {
namespace {

constexpr int kDraws = 5;  // of an id, should one be taken

#define RESPRING_RESERVATION_COLUMNS " room_id, active, creator_id, kind, title, founders "

std::string text_of(const std::vector<chat::Founder>& founders) {
  json::Writer w;
  w.begin_array();
  for (const auto& founder : founders) {
    w.begin_object().field("user", founder.user.value);
    w.field("role", chat::name_of(founder.role)).end_object();
  }
  w.end_array();
  return w.take();
}

Result<std::vector<chat::Founder>> founders_in(std::string_view text) {
  RESPRING_TRY(const auto value, json::parse(text));
  std::vector<chat::Founder> founders;
  const auto* list = value.as_array();
  if (list == nullptr) return internal("a stored reservation is damaged");
  for (const auto& founder : *list)
    founders.push_back({UserId{founder.int_or("user")},
                        chat::role_named(founder.string_or("role")).value_or(chat::Role::member)});
  return founders;
}

Result<std::vector<chat::ReservedRoom>> read_reservations(sql::Rows rows) {
  std::vector<chat::ReservedRoom> rooms;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return rooms;
    chat::ReservedRoom room;
    room.room = rows.id<RoomId>(0);
    room.active = rows.int64(1) != 0;
    room.creator = rows.id<UserId>(2);
    room.kind = rows.int64(3) == 0 ? chat::RoomKind::direct : chat::RoomKind::group;
    room.title = rows.maybe_text(4);
    RESPRING_TRY(room.founders, founders_in(rows.view(5)));
    rooms.push_back(std::move(room));
  }
}

// The two of a direct room in an order of their own.
std::optional<std::pair<UserId, UserId>> pair_of(const chat::ReservedRoom& room) {
  if (room.kind != chat::RoomKind::direct || room.founders.size() != 2) return std::nullopt;
  return std::minmax({room.founders[0].user, room.founders[1].user});
}

}  // namespace

Result<chat::ReservedRoom> insert_reservation(sql::Connection& db, chat::ReservedRoom room,
                                              Time now) {
  const auto pair = pair_of(room);
  if (room.kind == chat::RoomKind::direct && (!pair || pair->first == pair->second))
    return invalid("a direct room is of two people");
  if (pair) {
    RESPRING_TRY(auto existing, load_direct(db, pair->first, pair->second));
    if (existing) return std::move(*existing);
  }
  const auto low = pair ? std::optional(pair->first) : std::nullopt;
  const auto high = pair ? std::optional(pair->second) : std::nullopt;
  const auto insert =
      "INSERT INTO reservation (room_id, active, creator_id, kind, title, founders, pair_low, "
      "pair_high, created_at) VALUES (?,0,?,?,?,?,?,?,?)" +
      db.dialect().on_conflict_keep({"room_id"});
  for (int draw = 0; draw < kDraws; ++draw) {
    room.room = new_id<RoomId>();
    room.active = false;
    const auto added =
        db.run(insert, room.room, room.creator, room.kind == chat::RoomKind::direct ? 0 : 1,
               room.title, text_of(room.founders), low, high, now);
    if (!added && pair && added.assume_error().code == sql::Errc::unique) {
      // Somebody else reserved it for the two since we looked.
      RESPRING_TRY(auto existing, load_direct(db, pair->first, pair->second));
      if (existing) return std::move(*existing);
    }
    RESPRING_TRYV(added);
    if (added.assume_value() == 1) return room;
  }
  return internal("no free id was found");
}

Result<std::optional<chat::ReservedRoom>> load_direct(sql::Connection& db, UserId a, UserId b) {
  const auto [low, high] = std::minmax(a, b);
  RESPRING_TRY(auto rows, db.query("SELECT" RESPRING_RESERVATION_COLUMNS
                                   "FROM reservation WHERE pair_low=? AND pair_high=?",
                                   low, high));
  RESPRING_TRY(auto rooms, read_reservations(std::move(rows)));
  return rooms.empty() ? std::nullopt : std::optional(std::move(rooms.front()));
}

Result<std::vector<chat::ReservedRoom>> load_unfinished(sql::Connection& db, Time before,
                                                        int limit) {
  RESPRING_TRY(auto rows, db.query("SELECT" RESPRING_RESERVATION_COLUMNS
                                   "FROM reservation WHERE active=0 AND created_at<? ORDER BY "
                                   "created_at LIMIT ?",
                                   before, limit));
  return read_reservations(std::move(rows));
}

Result<void> put_listed(sql::Connection& db, RoomId room, UserId user, Seq seq, bool present) {
  const auto insert =
      "INSERT INTO listed_room (user_id, room_id, seq, present, muted, pinned) VALUES "
      "(?,?,?,?,0,0)" +
      db.dialect().on_conflict_keep({"user_id", "room_id"});
  RESPRING_TRY(const auto added, db.run(insert, user, room, seq, present));
  if (added == 1) return success();
  RESPRING_TRYV(
      db.run("UPDATE listed_room SET seq=?, present=? WHERE user_id=? AND room_id=? AND "
             "seq<?",
             seq, present, user, room, seq));
  return success();
}

Result<void> remove_listed_room(sql::Connection& db, RoomId room) {
  // Closed for ever: whatever event comes late must not bring it back.
  RESPRING_TRYV(db.run("UPDATE listed_room SET seq=?, present=0 WHERE room_id=?",
                       std::numeric_limits<Seq>::max(), room));
  RESPRING_TRYV(db.run("DELETE FROM invite WHERE room_id=?", room));
  return success();
}

Result<std::vector<chat::ListedRoom>> load_listed(sql::Connection& db, UserId user) {
  RESPRING_TRY(auto rows, db.query("SELECT room_id, muted, pinned FROM listed_room WHERE user_id=? "
                                   "AND present=1 ORDER BY room_id",
                                   user));
  std::vector<chat::ListedRoom> rooms;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return rooms;
    rooms.push_back({rows.id<RoomId>(0), rows.int64(1) != 0, rows.int64(2) != 0});
  }
}

Result<std::vector<UserId>> load_users_of(sql::Connection& db, RoomId room) {
  RESPRING_TRY(auto rows, db.query("SELECT user_id FROM listed_room WHERE room_id=? AND present=1 "
                                   "ORDER BY user_id",
                                   room));
  std::vector<UserId> users;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return users;
    users.push_back(rows.id<UserId>(0));
  }
}

Result<void> insert_invite(sql::Connection& db, const chat::Invite& invite, Time now) {
  RESPRING_TRYV(
      db.run("INSERT INTO invite (code, room_id, creator_id, expires_at, uses_left, "
             "created_at) VALUES (?,?,?,?,?,?)",
             invite.code, invite.room, invite.creator, invite.expires_at, invite.uses_left, now));
  return success();
}

Result<std::optional<chat::Invite>> load_invite(sql::Connection& db, std::string_view code,
                                                Time now) {
  RESPRING_TRY(auto rows,
               db.query("SELECT code, room_id, creator_id, expires_at, uses_left FROM invite WHERE "
                        "code=? AND (expires_at IS NULL OR expires_at>?) AND (uses_left IS NULL OR "
                        "uses_left>0)",
                        code, now));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return std::optional<chat::Invite>();
  chat::Invite invite{rows.text(0), rows.id<RoomId>(1), rows.id<UserId>(2), rows.maybe_time(3), {}};
  if (!rows.is_null(4)) invite.uses_left = static_cast<int>(rows.int64(4));
  return std::optional(std::move(invite));
}

Result<std::optional<chat::Invite>> take_invite(sql::Connection& db, std::string_view code,
                                                Time now) {
  RESPRING_TRY(auto found, load_invite(db, code, now));
  if (!found || !found->uses_left) return found;
  RESPRING_TRY(const auto used, db.run("UPDATE invite SET uses_left=uses_left-1 WHERE code=? AND "
                                       "uses_left>0",
                                       code));
  if (used == 0) return std::optional<chat::Invite>();
  --*found->uses_left;
  return found;
}

}  // namespace respring::store
