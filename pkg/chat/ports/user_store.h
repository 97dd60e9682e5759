#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "base/secret.h"
#include "chat/types.h"

namespace respring::chat {

struct NewUser {
  std::string handle;
  std::string display_name;
  Secret<std::string> password_hash;  ///< Argon2id, encoded
  std::string locale = "ko";
};

struct UserPatch {
  std::optional<std::string> display_name;
  std::optional<Secret<std::string>> password_hash;
  std::optional<std::string> locale;
  std::optional<bool> disabled;
};

struct Credentials {
  UserId user;
  Secret<std::string> password_hash;
  bool disabled = false;
};

struct NewSession {
  UserId user;
  std::string device;
  std::string token_hash;  ///< SHA-256 of the token, 32 bytes; the token itself is never stored
  Time expires_at{};
};

/// Users, credentials, sessions and blocks: the user role's database. Safe from any thread.
/// `internal` when the database fails; what else can happen stands at each call.
class UserStore {
 public:
  virtual ~UserStore() = default;

  virtual Task<Result<User>> create(
      NewUser user) = 0;  ///< `conflict`: the handle was given out once
  /// Nothing for an unknown or erased one.
  virtual Task<Result<std::optional<Credentials>>> credentials(std::string handle) = 0;
  virtual Task<Result<std::optional<Credentials>>> credentials_of(UserId user) = 0;
  /// Those that exist, erased ones with `deleted` set, in any order.
  virtual Task<Result<std::vector<User>>> users(std::vector<UserId> ids) = 0;
  virtual Task<Result<std::optional<User>>> by_handle(std::string handle) = 0;
  /// Undeleted users whose handle or display name begins with the query (case folded), or whose
  /// name's initial consonants do when the query is such (초성); ordered by id, behind `after`.
  virtual Task<Result<std::vector<User>>> find(std::string query, UserId after, int limit) = 0;
  virtual Task<Result<User>> update(UserId user, UserPatch patch) = 0;  ///< `not_found`
  /// Takes away name, handle (kept as given out), password, sessions and blocks. Repeatable.
  virtual Task<Result<void>> erase(UserId user) = 0;

  virtual Task<Result<Session>> add_session(NewSession session) = 0;
  /// Nothing when unknown or expired at `now`, or its user is disabled or erased.
  virtual Task<Result<std::optional<Session>>> session_by_token(std::string token_hash,
                                                                Time now) = 0;
  /// Those that session_by_token() would find by their tokens.
  virtual Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids,
                                                             Time now) = 0;
  virtual Task<Result<std::vector<Session>>> sessions(UserId user, SessionId after, int limit) = 0;
  virtual Task<Result<bool>> remove_session(UserId user, SessionId session) = 0;  ///< was it there
  /// All but `keep`; the removed ones' ids.
  virtual Task<Result<std::vector<SessionId>>> remove_sessions(UserId user, SessionId keep) = 0;
  virtual Task<Result<void>> touch_session(SessionId session, Time used_at) = 0;

  virtual Task<Result<void>> set_block(UserId blocker, UserId blocked, bool on) = 0;
  virtual Task<Result<std::vector<User>>> blocks(UserId blocker, UserId after, int limit) = 0;
  /// Who of the two blocks the other.
  virtual Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) = 0;
};

}  // namespace respring::chat
