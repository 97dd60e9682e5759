#include "store/user_rows.h"

#include <string>

#include "chat/hangul.h"
#include "chat/text.h"

namespace respring::store {
namespace {

constexpr int kDraws = 5;  // of an id, should one be taken

#define RESPRING_USER_COLUMNS \
  " user_id, handle, display_name, locale, disabled, created_at, deleted_at "
#define RESPRING_SESSION_COLUMNS \
  " session_id, user_id, device, created_at, last_used_at, expires_at "

chat::User read_user(const sql::Rows& row) {
  chat::User user;
  user.id = row.id<UserId>(0);
  user.handle = row.text(1);
  user.display_name = row.text(2);
  user.locale = row.text(3);
  user.disabled = row.int64(4) != 0;
  user.created_at = row.time(5);
  user.deleted = !row.is_null(6);
  return user;
}

chat::Session read_session(const sql::Rows& row) {
  return {row.id<SessionId>(0), row.id<UserId>(1), row.text(2),
          row.time(3),          row.time(4),       row.time(5)};
}

template <class Value, class Read>
Result<std::vector<Value>> all(sql::Rows rows, Read read) {
  std::vector<Value> values;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return values;
    values.push_back(read(rows));
  }
}

template <class Value, class Read>
Result<std::optional<Value>> first(sql::Rows rows, Read read) {
  RESPRING_TRY(const bool found, rows.next());
  return found ? std::optional<Value>(read(rows)) : std::nullopt;
}

// The smallest text behind all that begin with this prefix.
std::string behind(std::string_view prefix) { return std::string(prefix) + "\U0010FFFF"; }

Error no_such_user() { return not_found("no such user"); }

}  // namespace

Result<chat::User> insert_user(sql::Connection& db, const chat::NewUser& user, Time now) {
  chat::User made;
  made.handle = user.handle;
  made.display_name = user.display_name;
  made.locale = user.locale;
  made.created_at = now;
  for (int draw = 0; draw < kDraws; ++draw) {
    made.id = new_id<UserId>();
    const auto keep_handle = "INSERT INTO handle (handle, user_id) VALUES (?,?)" +
                             db.dialect().on_conflict_keep({"handle"});
    RESPRING_TRY(const auto given, db.run(keep_handle, made.handle, made.id));
    if (given == 0) return Error{ErrorCode::conflict, "the handle is taken", {}, {}};
    const auto insert =
        "INSERT INTO account (user_id, handle, display_name, name_folded, name_initials, "
        "password_hash, locale, disabled, created_at) VALUES (?,?,?,?,?,?,?,0,?)" +
        db.dialect().on_conflict_keep({"user_id"});
    RESPRING_TRY(
        const auto added,
        db.run(insert, made.id, made.handle, made.display_name, chat::fold(made.display_name),
               chat::initials(made.display_name), user.password_hash.reveal(), made.locale, now));
    if (added == 1) return made;
    RESPRING_TRYV(db.run("DELETE FROM handle WHERE handle=?", made.handle));
  }
  return internal("no free id was found");
}

Result<std::optional<chat::User>> load_user(sql::Connection& db, UserId user) {
  RESPRING_TRY(auto rows,
               db.query("SELECT" RESPRING_USER_COLUMNS "FROM account WHERE user_id=?", user));
  return first<chat::User>(std::move(rows), read_user);
}

Result<std::optional<chat::User>> load_user_by_handle(sql::Connection& db,
                                                      std::string_view handle) {
  RESPRING_TRY(auto rows, db.query("SELECT" RESPRING_USER_COLUMNS
                                   "FROM account WHERE handle=? AND deleted_at IS NULL",
                                   handle));
  return first<chat::User>(std::move(rows), read_user);
}

Result<std::optional<chat::Credentials>> load_credentials(sql::Connection& db, UserId user) {
  RESPRING_TRY(auto rows, db.query("SELECT user_id, password_hash, disabled FROM account WHERE "
                                   "user_id=? AND deleted_at IS NULL",
                                   user));
  return first<chat::Credentials>(std::move(rows), [](const sql::Rows& row) {
    return chat::Credentials{row.id<UserId>(0), Secret<std::string>(row.text(1)),
                             row.int64(2) != 0};
  });
}

Result<std::vector<chat::User>> find_users(sql::Connection& db, std::string_view query,
                                           UserId after, int limit) {
  if (chat::is_initials_query(query)) {
    const auto key = chat::initials_query(query);
    RESPRING_TRY(auto rows, db.query("SELECT" RESPRING_USER_COLUMNS
                                     "FROM account WHERE deleted_at IS NULL AND user_id>? AND "
                                     "name_initials>=? AND name_initials<? ORDER BY user_id "
                                     "LIMIT ?",
                                     after, key, behind(key), limit));
    return all<chat::User>(std::move(rows), read_user);
  }
  const auto key = chat::fold(query);
  RESPRING_TRY(auto rows, db.query("SELECT" RESPRING_USER_COLUMNS
                                   "FROM account WHERE deleted_at IS NULL AND user_id>? AND "
                                   "((handle>=? AND handle<?) OR (name_folded>=? AND "
                                   "name_folded<?)) ORDER BY user_id LIMIT ?",
                                   after, key, behind(key), key, behind(key), limit));
  return all<chat::User>(std::move(rows), read_user);
}

Result<chat::User> update_user(sql::Connection& db, UserId user, const chat::UserPatch& patch) {
  RESPRING_TRY(const auto found, load_user(db, user));
  if (!found || found->deleted) return no_such_user();
  if (patch.display_name) {
    RESPRING_TRYV(
        db.run("UPDATE account SET display_name=?, name_folded=?, name_initials=? WHERE "
               "user_id=?",
               *patch.display_name, chat::fold(*patch.display_name),
               chat::initials(*patch.display_name), user));
  }
  if (patch.password_hash) {
    RESPRING_TRYV(db.run("UPDATE account SET password_hash=? WHERE user_id=?",
                         patch.password_hash->reveal(), user));
  }
  if (patch.locale) {
    RESPRING_TRYV(db.run("UPDATE account SET locale=? WHERE user_id=?", *patch.locale, user));
  }
  if (patch.disabled) {
    RESPRING_TRYV(db.run("UPDATE account SET disabled=? WHERE user_id=?", *patch.disabled, user));
  }
  RESPRING_TRY(auto updated, load_user(db, user));
  if (!updated) return no_such_user();
  return std::move(*updated);
}

Result<void> erase_user(sql::Connection& db, UserId user, Time now) {
  RESPRING_TRYV(
      db.run("UPDATE account SET handle='', display_name='', name_folded='', "
             "name_initials='', password_hash='', deleted_at=? WHERE user_id=? AND "
             "deleted_at IS NULL",
             now, user));
  RESPRING_TRYV(db.run("UPDATE handle SET user_id=0 WHERE user_id=?", user));
  RESPRING_TRYV(db.run("DELETE FROM session WHERE user_id=?", user));
  RESPRING_TRYV(db.run("DELETE FROM block WHERE blocker_id=?", user));
  RESPRING_TRYV(db.run("DELETE FROM block WHERE blocked_id=?", user));
  return success();
}

Result<chat::Session> insert_session(sql::Connection& db, const chat::NewSession& session,
                                     Time now) {
  RESPRING_TRY(const auto user, load_user(db, session.user));
  if (!user || user->deleted) return no_such_user();
  const auto insert =
      "INSERT INTO session (session_id, user_id, device, token_hash, created_at, last_used_at, "
      "expires_at) VALUES (?,?,?,?,?,?,?)" +
      db.dialect().on_conflict_keep({"session_id"});
  chat::Session made{{}, session.user, session.device, now, now, session.expires_at};
  for (int draw = 0; draw < kDraws; ++draw) {
    made.id = new_id<SessionId>();
    RESPRING_TRY(const auto added,
                 db.run(insert, made.id, made.user, made.device, sql::Blob{session.token_hash}, now,
                        now, made.expires_at));
    if (added == 1) return made;
  }
  return internal("no free id was found");
}

Result<std::optional<chat::Session>> load_session(sql::Connection& db, std::string_view token_hash,
                                                  Time now) {
  RESPRING_TRY(auto rows,
               db.query("SELECT s.session_id, s.user_id, s.device, s.created_at, s.last_used_at, "
                        "s.expires_at FROM session s JOIN account a ON a.user_id=s.user_id WHERE "
                        "s.token_hash=? AND s.expires_at>? AND a.disabled=0 AND a.deleted_at IS "
                        "NULL",
                        sql::Blob{token_hash}, now));
  return first<chat::Session>(std::move(rows), read_session);
}

Result<bool> is_session_live(sql::Connection& db, SessionId session, Time now) {
  RESPRING_TRY(auto rows,
               db.query("SELECT 1 FROM session s JOIN account a ON a.user_id=s.user_id WHERE "
                        "s.session_id=? AND s.expires_at>? AND a.disabled=0 AND a.deleted_at IS "
                        "NULL",
                        session, now));
  RESPRING_TRY(const bool open, rows.next());
  return open;
}

Result<std::optional<chat::Session>> load_session_by_id(sql::Connection& db, SessionId session) {
  RESPRING_TRY(
      auto rows,
      db.query("SELECT" RESPRING_SESSION_COLUMNS "FROM session WHERE session_id=?", session));
  return first<chat::Session>(std::move(rows), read_session);
}

Result<std::vector<chat::Session>> load_sessions(sql::Connection& db, UserId user, SessionId after,
                                                 int limit) {
  RESPRING_TRY(auto rows, db.query("SELECT" RESPRING_SESSION_COLUMNS
                                   "FROM session WHERE user_id=? AND session_id>? ORDER BY "
                                   "session_id LIMIT ?",
                                   user, after, limit));
  return all<chat::Session>(std::move(rows), read_session);
}

Result<std::vector<SessionId>> delete_sessions(sql::Connection& db, UserId user, SessionId keep) {
  RESPRING_TRY(auto rows, db.query("SELECT session_id FROM session WHERE user_id=? AND "
                                   "session_id<>? ORDER BY session_id",
                                   user, keep));
  const auto read = [](const sql::Rows& row) { return row.id<SessionId>(0); };
  RESPRING_TRY(auto removed, all<SessionId>(std::move(rows), read));
  RESPRING_TRYV(db.run("DELETE FROM session WHERE user_id=? AND session_id<>?", user, keep));
  return removed;
}

Result<std::vector<chat::User>> load_blocks(sql::Connection& db, UserId blocker, UserId after,
                                            int limit) {
  RESPRING_TRY(auto rows,
               db.query("SELECT a.user_id, a.handle, a.display_name, a.locale, a.disabled, "
                        "a.created_at, a.deleted_at FROM block b JOIN account a ON "
                        "a.user_id=b.blocked_id WHERE b.blocker_id=? AND b.blocked_id>? ORDER BY "
                        "b.blocked_id LIMIT ?",
                        blocker, after, limit));
  return all<chat::User>(std::move(rows), read_user);
}

}  // namespace respring::store
