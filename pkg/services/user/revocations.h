#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "async/asio.h"
#include "async/run.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/shared_sessions.h"

namespace respring::user {

/// How every node learns that sessions count no more: first what the nodes remember together is
/// changed, then a signal closes what is open with them. Where the memory cannot be reached, it is
/// tried again beside the request, until nothing from before can be left in it. Safe from any
/// thread; borrows the ports. The executor is a loop of one thread and must run until stop().
class Revocations {
 public:
  Revocations(chat::SharedSessions& shared, chat::PubSub& pub_sub, asio::any_io_executor executor);
  ~Revocations() { stop(); }

  /// Sessions that are no more.
  Task<void> end(std::vector<SessionId> sessions);
  /// A user who is disabled or erased, and whatever sessions he has.
  Task<void> bar(UserId user, std::vector<SessionId> sessions);
  Task<void> unbar(UserId user);

  /// Blocks until nothing is tried any more. Not from an I/O thread; idempotent.
  void stop();

 private:
  struct Untold {
    std::vector<SessionId> sessions;
    std::vector<UserId> users;
    std::chrono::steady_clock::time_point until{};  ///< when the latest of them is moot
    bool empty() const { return sessions.empty() && users.empty(); }
  };

  void signal(const std::vector<SessionId>& sessions);
  void try_again(const Untold& untold, const Error& why);
  static Task<void> keep_trying(Revocations& self);
  Task<Result<void>> tell(Untold& untold);

  chat::SharedSessions& shared_;
  chat::PubSub& pub_sub_;
  asio::any_io_executor executor_;
  std::shared_ptr<asio::steady_timer> pause_;
  std::mutex mutex_;
  Untold untold_;
  bool trying_ = false;
  bool stopping_ = false;
  async::TaskGroup tasks_;
};

}  // namespace respring::user
