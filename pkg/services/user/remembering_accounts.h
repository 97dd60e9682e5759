#pragma once

#include "base/time.h"
#include "chat/ports/shared_sessions.h"
#include "chat/roles/accounts.h"

namespace respring::user {

/// The user role in another process, for a node that shares a memory of sessions with others: most
/// tokens are recognised without asking the role. An ended session is refused from the moment its
/// end is known there. Where the memory cannot be reached the role is asked, as for everything
/// else. Safe from any thread; borrows all it is given.
class RememberingAccounts final : public chat::Accounts {
 public:
  RememberingAccounts(chat::Accounts& role, chat::SharedSessions& shared, const Clock& clock)
      : role_(role), shared_(shared), clock_(clock) {}

  Task<Result<chat::Session>> authenticate(Secret<std::string> token) override;
  Task<Result<chat::Session>> redeem_ticket(Secret<std::string> ticket) override {
    return role_.redeem_ticket(std::move(ticket));
  }
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids) override {
    return role_.live_sessions(std::move(ids));
  }
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId> ids) override {
    return role_.users(std::move(ids));
  }
  Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) override {
    return role_.blockers(a, b);
  }

 private:
  chat::Accounts& role_;
  chat::SharedSessions& shared_;
  const Clock& clock_;
};

}  // namespace respring::user
