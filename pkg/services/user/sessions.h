#pragma once

#include <atomic>

#include "async/run.h"
#include "base/live.h"
#include "base/secret.h"
#include "services/user/ports.h"
#include "services/user/revocations.h"
#include "services/user/session_cache.h"
#include "services/user/settings.h"

namespace respring::user {

/// A session and the token that opens it, which is shown to its owner once and stored nowhere.
struct OpenedSession {
  chat::Session session;
  Secret<std::string> token;
};

struct WsTicket {
  Secret<std::string> ticket;
  std::chrono::seconds life{30};
};

/// Sessions and WebSocket tickets: opening, recognising and ending them. Whatever ends a session
/// is told to every node (revocations.h). Safe from any thread.
class Sessions {
 public:
  /// `settings` is borrowed.
  Sessions(const Ports& ports, const Live<Settings>& settings);

  Task<Result<OpenedSession>> open(UserId user, std::string device);
  Task<Result<chat::Session>> authenticate(Secret<std::string> token);

  /// `not_found` when the user has no such session.
  Task<Result<void>> end(UserId user, SessionId session);
  /// All but `keep`; with no `keep` all of them.
  Task<Result<void>> end_others(UserId user, SessionId keep);
  /// The user is disabled or no more: nothing of him may be recognised from memory, and what is
  /// open with his sessions is closed.
  Task<Result<void>> bar_user(UserId user);
  /// He may come back, with the sessions he had.
  Task<void> unbar_user(UserId user) { return revocations_.unbar(user); }

  Task<Result<WsTicket>> issue_ticket(UserId user, SessionId session);
  Task<Result<chat::Session>> redeem_ticket(Secret<std::string> ticket);

  /// Blocks until what runs beside requests has ended; the background executor must still run. The
  /// destructor does it too.
  void wait() {
    revocations_.stop();
    background_.wait();
  }

 private:
  Task<void> revoke(std::vector<SessionId> sessions);
  /// The database hears of it beside the request, which does not wait.
  void touch(SessionId session, Time now);
  Task<Result<std::optional<chat::Session>>> live_session(UserId user, SessionId session);

  Ports ports_;
  const Live<Settings>& settings_;
  SessionCache cache_;
  std::unique_ptr<chat::PubSub::Subscription> heard_;  ///< from other nodes; and our own again
  Revocations revocations_;
  async::TaskGroup background_;
};

}  // namespace respring::user
