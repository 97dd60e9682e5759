#pragma once

#include <memory>

#include "async/pool.h"
#include "base/time.h"
#include "chat/ports/user_store.h"
#include "sql/pool.h"

namespace respring::store {

/// chat::UserStore in one database.
class UserStore final : public chat::UserStore {
 public:
  struct Options {
    sql::Connect connect;
    const Clock* clock = nullptr;  ///< must outlive this
    std::size_t threads = 2;
    std::size_t queue_limit = 2048;
  };

  /// Migrates the database and starts the threads.
  static sql::Result<std::unique_ptr<UserStore>> open(Options options);
  ~UserStore() override;
  void stop();  ///< answers what is queued; idempotent

  Task<Result<chat::User>> create(chat::NewUser user) override;
  Task<Result<std::optional<chat::Credentials>>> credentials(std::string handle) override;
  Task<Result<std::optional<chat::Credentials>>> credentials_of(UserId user) override;
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId> ids) override;
  Task<Result<std::optional<chat::User>>> by_handle(std::string handle) override;
  Task<Result<std::vector<chat::User>>> find(std::string query, UserId after, int limit) override;
  Task<Result<chat::User>> update(UserId user, chat::UserPatch patch) override;
  Task<Result<void>> erase(UserId user) override;
  Task<Result<chat::Session>> add_session(chat::NewSession session) override;
  Task<Result<std::optional<chat::Session>>> session_by_token(std::string token_hash,
                                                              Time now) override;
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids, Time now) override;
  Task<Result<std::vector<chat::Session>>> sessions(UserId user, SessionId after,
                                                    int limit) override;
  /// Whoever's it is, live or expired; for an operator.
  Task<Result<std::optional<chat::Session>>> session(SessionId session);
  Task<Result<bool>> remove_session(UserId user, SessionId session) override;
  Task<Result<std::vector<SessionId>>> remove_sessions(UserId user, SessionId keep) override;
  Task<Result<void>> touch_session(SessionId session, Time used_at) override;
  Task<Result<void>> set_block(UserId blocker, UserId blocked, bool on) override;
  Task<Result<std::vector<chat::User>>> blocks(UserId blocker, UserId after, int limit) override;
  Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) override;

 private:
  explicit UserStore(Options options);

  Options options_;
  sql::Pool connections_;
  async::BlockingPool pool_;
};

}  // namespace respring::store
