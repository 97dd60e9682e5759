#pragma once

#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "base/secret.h"
#include "chat/types.h"

namespace respring::chat {

/// What the user role does for the other roles; the service in one process, an HTTP client across
/// processes. Safe from any thread. `upstream_unavailable` when it cannot be asked.
class Accounts {
 public:
  virtual ~Accounts() = default;

  /// The live session of a bearer token or cookie; `unauthenticated` otherwise.
  virtual Task<Result<Session>> authenticate(Secret<std::string> token) = 0;
  /// Uses up a web-socket ticket; `unauthenticated` when it is unknown, used, older than 30 s, or
  /// its session has ended.
  virtual Task<Result<Session>> redeem_ticket(Secret<std::string> ticket) = 0;
  /// Those that are still open: not ended, not expired, their user neither disabled nor erased; at
  /// most 1,000 ids.
  virtual Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids) = 0;
  /// Those that exist, deleted ones too, in any order; at most 1,000 ids.
  virtual Task<Result<std::vector<User>>> users(std::vector<UserId> ids) = 0;
  /// Who of the two blocks the other.
  virtual Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) = 0;
};

/// Pub/sub channel of ended sessions; payload: the session ids in decimal, separated by spaces.
inline constexpr std::string_view kRevokedSessionsChannel = "rs:sessions:revoked";

}  // namespace respring::chat
