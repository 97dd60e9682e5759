#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "chat/ports/room_directory.h"
#include "sql/connection.h"

/// The queries of RoomDirectory, each inside the caller's transaction.
namespace respring::store {

Result<chat::ReservedRoom> insert_reservation(sql::Connection& db, chat::ReservedRoom room,
                                              Time now);
Result<std::optional<chat::ReservedRoom>> load_direct(sql::Connection& db, UserId a, UserId b);
Result<std::vector<chat::ReservedRoom>> load_unfinished(sql::Connection& db, Time before,
                                                        int limit);
Result<void> put_listed(sql::Connection& db, RoomId room, UserId user, Seq seq, bool present);
Result<void> remove_listed_room(sql::Connection& db, RoomId room);
Result<std::vector<chat::ListedRoom>> load_listed(sql::Connection& db, UserId user);
Result<std::vector<UserId>> load_users_of(sql::Connection& db, RoomId room);
Result<void> insert_invite(sql::Connection& db, const chat::Invite& invite, Time now);
Result<std::optional<chat::Invite>> load_invite(sql::Connection& db, std::string_view code,
                                                Time now);
Result<std::optional<chat::Invite>> take_invite(sql::Connection& db, std::string_view code,
                                                Time now);

}  // namespace respring::store
