#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/types.h"

namespace respring::chat {

/// How long the parts of SharedSessions stand. An end must be remembered for longer than an answer
/// from before it can be under way: the user role's own memory (30 s) and `asking`.
struct SharedSessionLives {
  std::chrono::milliseconds entry{30'000};   ///< of what was found, from its find() on
  std::chrono::milliseconds asking{10'000};  ///< between a find() and its put()
  std::chrono::milliseconds ended{120'000};  ///< how long an end is remembered
};

/// What the nodes of a platform remember together of live sessions, so that a node does not ask
/// the user role with every request. Tokens are known by their SHA-256 (32 bytes) only. May forget
/// entries at any time; a miss opens nothing.
///
/// After end() or bar() has succeeded, no find() gives the session, and no put() of an answer from
/// before can bring it back, however late it comes. Where the memory cannot be reached the call is
/// an error, and what was kept goes by itself when its life is over. Safe from any thread.
class SharedSessions {
 public:
  virtual ~SharedSessions() = default;

  /// Given out by a find() that knew nothing, for the put() of what the user role says then.
  struct Ticket {
    std::string text;
  };
  struct Found {
    std::optional<Session> session;  ///< the caller looks at its expires_at
    Ticket ticket;                   ///< when there is no session
  };
  virtual Task<Result<Found>> find(std::string token_hash) = 0;

  enum class Put : std::uint8_t {
    kept,
    dropped,  ///< asked too long ago, or everything was forgotten meanwhile; the answer may stand
    ended,    ///< the session has ended, or its user was barred: the answer must not be used
  };
  virtual Task<Result<Put>> put(Ticket ticket, std::string token_hash, Session session) = 0;

  /// These sessions have ended, for ever.
  virtual Task<Result<void>> end(std::vector<SessionId> sessions) = 0;
  /// No session of this user counts until unbar(), or until the bar's life (`ended`) is over: then
  /// whoever asks the user role learns it there.
  virtual Task<Result<void>> bar(UserId user) = 0;
  virtual Task<Result<void>> unbar(UserId user) = 0;
};

}  // namespace respring::chat
