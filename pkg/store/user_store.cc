#include "store/user_store.h"

#include "store/migrations.h"
#include "store/pooled.h"
#include "store/user_rows.h"

namespace respring::store {

using sql::Begin;
using sql::Connection;

UserStore::UserStore(Options options)
    : options_(std::move(options)),
      connections_(options_.connect, options_.threads),
      pool_({"users", options_.threads, options_.queue_limit, {}, {}}) {}

UserStore::~UserStore() { stop(); }

void UserStore::stop() { pool_.stop(); }

sql::Result<std::unique_ptr<UserStore>> UserStore::open(Options options) {
  {
    RESPRING_TRY(const auto connection, options.connect());
    RESPRING_TRYV(migrate(*connection, built_in_migrations("user")));
  }
  return std::unique_ptr<UserStore>(new UserStore(std::move(options)));
}

Task<Result<chat::User>> UserStore::create(chat::NewUser user) {
  return pooled(pool_, connections_, Begin::write,
                [user = std::move(user), clock = options_.clock](Connection& db) {
                  return insert_user(db, user, clock->now());
                });
}

Task<Result<std::optional<chat::Credentials>>> UserStore::credentials(std::string handle) {
  using R = Result<std::optional<chat::Credentials>>;
  return pooled(pool_, connections_, Begin::read,
                [handle = std::move(handle)](Connection& db) -> R {
                  RESPRING_TRY(const auto user, load_user_by_handle(db, handle));
                  if (!user) return std::optional<chat::Credentials>();
                  return load_credentials(db, user->id);
                });
}

Task<Result<std::optional<chat::Credentials>>> UserStore::credentials_of(UserId user) {
  return pooled(pool_, connections_, Begin::read,
                [user](Connection& db) { return load_credentials(db, user); });
}

Task<Result<std::vector<chat::User>>> UserStore::users(std::vector<UserId> ids) {
  using R = Result<std::vector<chat::User>>;
  return pooled(pool_, connections_, Begin::read, [ids = std::move(ids)](Connection& db) -> R {
    std::vector<chat::User> found;
    for (const auto id : ids) {
      RESPRING_TRY(auto user, load_user(db, id));
      if (user) found.push_back(std::move(*user));
    }
    return found;
  });
}

Task<Result<std::optional<chat::User>>> UserStore::by_handle(std::string handle) {
  return pooled(pool_, connections_, Begin::read, [handle = std::move(handle)](Connection& db) {
    return load_user_by_handle(db, handle);
  });
}

Task<Result<std::vector<chat::User>>> UserStore::find(std::string query, UserId after, int limit) {
  return pooled(pool_, connections_, Begin::read,
                [query = std::move(query), after, limit](Connection& db) {
                  return find_users(db, query, after, limit);
                });
}

Task<Result<chat::User>> UserStore::update(UserId user, chat::UserPatch patch) {
  return pooled(
      pool_, connections_, Begin::write,
      [user, patch = std::move(patch)](Connection& db) { return update_user(db, user, patch); });
}

Task<Result<void>> UserStore::erase(UserId user) {
  return pooled(pool_, connections_, Begin::write, [user, clock = options_.clock](Connection& db) {
    return erase_user(db, user, clock->now());
  });
}

Task<Result<chat::Session>> UserStore::add_session(chat::NewSession session) {
  return pooled(pool_, connections_, Begin::write,
                [session = std::move(session), clock = options_.clock](Connection& db) {
                  return insert_session(db, session, clock->now());
                });
}

Task<Result<std::optional<chat::Session>>> UserStore::session_by_token(std::string token_hash,
                                                                       Time now) {
  return pooled(pool_, connections_, Begin::read,
                [token_hash = std::move(token_hash), now](Connection& db) {
                  return load_session(db, token_hash, now);
                });
}

Task<Result<std::vector<SessionId>>> UserStore::live_sessions(std::vector<SessionId> ids,
                                                              Time now) {
  using R = Result<std::vector<SessionId>>;
  return pooled(pool_, connections_, Begin::read, [ids = std::move(ids), now](Connection& db) -> R {
    std::vector<SessionId> live;
    for (const auto id : ids) {
      RESPRING_TRY(const bool open, is_session_live(db, id, now));
      if (open) live.push_back(id);
    }
    return live;
  });
}

Task<Result<std::vector<chat::Session>>> UserStore::sessions(UserId user, SessionId after,
                                                             int limit) {
  return pooled(pool_, connections_, Begin::read,
                [=](Connection& db) { return load_sessions(db, user, after, limit); });
}

Task<Result<std::optional<chat::Session>>> UserStore::session(SessionId session) {
  return pooled(pool_, connections_, Begin::read,
                [session](Connection& db) { return load_session_by_id(db, session); });
}

Task<Result<bool>> UserStore::remove_session(UserId user, SessionId session) {
  return pooled(pool_, connections_, Begin::write, [=](Connection& db) -> Result<bool> {
    RESPRING_TRY(const auto removed,
                 db.run("DELETE FROM session WHERE session_id=? AND user_id=?", session, user));
    return removed > 0;
  });
}

Task<Result<std::vector<SessionId>>> UserStore::remove_sessions(UserId user, SessionId keep) {
  return pooled(pool_, connections_, Begin::write,
                [=](Connection& db) { return delete_sessions(db, user, keep); });
}

Task<Result<void>> UserStore::touch_session(SessionId session, Time used_at) {
  return pooled(pool_, connections_, Begin::write, [=](Connection& db) -> Result<void> {
    RESPRING_TRYV(db.run("UPDATE session SET last_used_at=? WHERE session_id=? AND last_used_at<?",
                         used_at, session, used_at));
    return success();
  });
}

Task<Result<void>> UserStore::set_block(UserId blocker, UserId blocked, bool on) {
  return pooled(pool_, connections_, Begin::write,
                [=, clock = options_.clock](Connection& db) -> Result<void> {
                  if (!on) {
                    RESPRING_TRYV(db.run("DELETE FROM block WHERE blocker_id=? AND blocked_id=?",
                                         blocker, blocked));
                    return success();
                  }
                  const auto insert =
                      "INSERT INTO block (blocker_id, blocked_id, created_at) VALUES (?,?,?)" +
                      db.dialect().on_conflict_keep({"blocker_id", "blocked_id"});
                  RESPRING_TRYV(db.run(insert, blocker, blocked, clock->now()));
                  return success();
                });
}

Task<Result<std::vector<chat::User>>> UserStore::blocks(UserId blocker, UserId after, int limit) {
  return pooled(pool_, connections_, Begin::read,
                [=](Connection& db) { return load_blocks(db, blocker, after, limit); });
}

Task<Result<std::vector<UserId>>> UserStore::blockers(UserId a, UserId b) {
  using R = Result<std::vector<UserId>>;
  return pooled(pool_, connections_, Begin::read, [=](Connection& db) -> R {
    RESPRING_TRY(auto rows, db.query("SELECT blocker_id FROM block WHERE (blocker_id=? AND "
                                     "blocked_id=?) OR (blocker_id=? AND blocked_id=?)",
                                     a, b, b, a));
    std::vector<UserId> found;
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) return found;
      found.push_back(rows.id<UserId>(0));
    }
  });
}

}  // namespace respring::store
