#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "chat/ports/user_store.h"
#include "sql/connection.h"

/// The queries of UserStore, each inside the caller's transaction.
namespace respring::store {

Result<chat::User> insert_user(sql::Connection& db, const chat::NewUser& user, Time now);
Result<std::optional<chat::User>> load_user(sql::Connection& db, UserId user);
Result<std::optional<chat::User>> load_user_by_handle(sql::Connection& db, std::string_view handle);
Result<std::optional<chat::Credentials>> load_credentials(sql::Connection& db, UserId user);
Result<std::vector<chat::User>> find_users(sql::Connection& db, std::string_view query,
                                           UserId after, int limit);
Result<chat::User> update_user(sql::Connection& db, UserId user, const chat::UserPatch& patch);
Result<void> erase_user(sql::Connection& db, UserId user, Time now);

Result<chat::Session> insert_session(sql::Connection& db, const chat::NewSession& session,
                                     Time now);
Result<std::optional<chat::Session>> load_session(sql::Connection& db, std::string_view token_hash,
                                                  Time now);
Result<bool> is_session_live(sql::Connection& db, SessionId session, Time now);
Result<std::optional<chat::Session>> load_session_by_id(sql::Connection& db, SessionId session);
Result<std::vector<chat::Session>> load_sessions(sql::Connection& db, UserId user, SessionId after,
                                                 int limit);
Result<std::vector<SessionId>> delete_sessions(sql::Connection& db, UserId user, SessionId keep);
Result<std::vector<chat::User>> load_blocks(sql::Connection& db, UserId blocker, UserId after,
                                            int limit);

}  // namespace respring::store
