#pragma once

#include "chat/roles/accounts.h"
#include "net/role_call.h"

namespace respring::user {

/// The user role in another process. Safe from any thread; borrows the client.
class AccountsClient final : public chat::Accounts {
 public:
  explicit AccountsClient(const net::RoleClient& role) : role_(role) {}

  Task<Result<chat::Session>> authenticate(Secret<std::string> token) override;
  /// `upstream_unavailable` may have used the ticket up.
  Task<Result<chat::Session>> redeem_ticket(Secret<std::string> ticket) override;
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids) override;
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId> ids) override;
  Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) override;

 private:
  const net::RoleClient& role_;
};

}  // namespace respring::user
