#include "store/room_directory.h"

#include "store/directory_rows.h"
#include "store/migrations.h"
#include "store/pooled.h"

namespace respring::store {

using sql::Begin;
using sql::Connection;

RoomDirectory::RoomDirectory(Options options)
    : options_(std::move(options)),
      connections_(options_.connect, options_.threads),
      pool_({"rooms", options_.threads, options_.queue_limit, {}, {}}) {}

RoomDirectory::~RoomDirectory() { stop(); }

void RoomDirectory::stop() { pool_.stop(); }

sql::Result<std::unique_ptr<RoomDirectory>> RoomDirectory::open(Options options) {
  {
    RESPRING_TRY(const auto connection, options.connect());
    RESPRING_TRYV(migrate(*connection, built_in_migrations("room")));
  }
  return std::unique_ptr<RoomDirectory>(new RoomDirectory(std::move(options)));
}

Task<Result<chat::ReservedRoom>> RoomDirectory::reserve(chat::ReservedRoom room) {
  return pooled(pool_, connections_, Begin::write,
                [room = std::move(room), clock = options_.clock](Connection& db) {
                  return insert_reservation(db, room, clock->now());
                });
}

Task<Result<void>> RoomDirectory::activate(RoomId room) {
  return pooled(pool_, connections_, Begin::write, [room](Connection& db) -> Result<void> {
    RESPRING_TRYV(db.run("UPDATE reservation SET active=1 WHERE room_id=?", room));
    return success();
  });
}

Task<Result<std::optional<RoomId>>> RoomDirectory::direct_room(UserId a, UserId b) {
  using R = Result<std::optional<RoomId>>;
  return pooled(pool_, connections_, Begin::read, [=](Connection& db) -> R {
    RESPRING_TRY(const auto found, load_direct(db, a, b));
    return found ? std::optional(found->room) : std::nullopt;
  });
}

Task<Result<std::vector<chat::ReservedRoom>>> RoomDirectory::unfinished(Time before, int limit) {
  return pooled(pool_, connections_, Begin::read,
                [=](Connection& db) { return load_unfinished(db, before, limit); });
}

Task<Result<void>> RoomDirectory::put_in_lists(RoomId room, std::vector<UserId> users, Seq seq) {
  return pooled(pool_, connections_, Begin::write,
                [room, users = std::move(users), seq](Connection& db) -> Result<void> {
                  for (const auto user : users) {
                    RESPRING_TRYV(put_listed(db, room, user, seq, true));
                  }
                  return success();
                });
}

Task<Result<void>> RoomDirectory::take_from_list(RoomId room, UserId user, Seq seq) {
  return pooled(pool_, connections_, Begin::write,
                [=](Connection& db) { return put_listed(db, room, user, seq, false); });
}

Task<Result<void>> RoomDirectory::remove_room(RoomId room) {
  return pooled(pool_, connections_, Begin::write,
                [room](Connection& db) { return remove_listed_room(db, room); });
}

Task<Result<std::vector<chat::ListedRoom>>> RoomDirectory::rooms_of(UserId user) {
  return pooled(pool_, connections_, Begin::read,
                [user](Connection& db) { return load_listed(db, user); });
}

Task<Result<std::vector<UserId>>> RoomDirectory::users_of(RoomId room) {
  return pooled(pool_, connections_, Begin::read,
                [room](Connection& db) { return load_users_of(db, room); });
}

Task<Result<void>> RoomDirectory::set_preferences(UserId user, RoomId room,
                                                  std::optional<bool> muted,
                                                  std::optional<bool> pinned) {
  return pooled(pool_, connections_, Begin::write, [=](Connection& db) -> Result<void> {
    // The list may still be behind the room's log: a row that puts the room nowhere keeps them.
    RESPRING_TRYV(put_listed(db, room, user, 0, false));
    RESPRING_TRYV(
        db.run("UPDATE listed_room SET muted=COALESCE(?,muted), "
               "pinned=COALESCE(?,pinned) WHERE user_id=? AND room_id=?",
               muted, pinned, user, room));
    return success();
  });
}

Task<Result<void>> RoomDirectory::add_invite(chat::Invite invite) {
  return pooled(pool_, connections_, Begin::write,
                [invite = std::move(invite), clock = options_.clock](Connection& db) {
                  return insert_invite(db, invite, clock->now());
                });
}

Task<Result<std::optional<chat::Invite>>> RoomDirectory::use_invite(std::string code, Time now) {
  return pooled(pool_, connections_, Begin::write, [code = std::move(code), now](Connection& db) {
    return take_invite(db, code, now);
  });
}

Task<Result<std::optional<chat::Invite>>> RoomDirectory::invite(std::string code, Time now) {
  return pooled(pool_, connections_, Begin::read, [code = std::move(code), now](Connection& db) {
    return load_invite(db, code, now);
  });
}

}  // namespace respring::store
