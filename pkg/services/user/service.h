#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/live.h"
#include "chat/roles/accounts.h"
#include "chat/roles/room_lists.h"
#include "services/user/passwords.h"
#include "services/user/sessions.h"

namespace respring::user {

struct NewAccount {
  std::string handle;
  std::string display_name;
  Secret<std::string> password;
};

struct LogIn {
  std::string handle;
  Secret<std::string> password;
  std::string device;
};

struct LoggedIn {
  chat::User user;
  OpenedSession opened;
};

struct ProfilePatch {
  std::optional<std::string> display_name;
  std::optional<std::string> locale;
  std::optional<Secret<std::string>> password;
  std::optional<Secret<std::string>> current_password;
};

/// What becomes of an erased user's messages.
enum class Messages : std::uint8_t { keep, remove };

/// The user role: people, credentials, sessions, blocks. Texts it is given are in their final form
/// (chat/text.h). Safe from any thread. Every call may answer `internal` when a store fails.
class UserService final : public chat::Accounts {
 public:
  UserService(Ports ports, Settings settings);

  /// New settings from the next request on, but for the password cost.
  void reload(const Settings& settings) { settings_.set(settings); }

  /// The room role, which itself needs this one; before the first request.
  void connect(chat::RoomLists& lists) { lists_ = &lists; }

  Task<Result<chat::Session>> authenticate(Secret<std::string> token) override;
  Task<Result<chat::Session>> redeem_ticket(Secret<std::string> ticket) override;
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids) override;
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId> ids) override;
  Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) override;

  /// `conflict`: the handle was given out once. `rate_limited` by address.
  Task<Result<chat::User>> register_user(NewAccount account, std::string remote_ip);
  /// `unauthenticated` for whatever is wrong, after the same time. `rate_limited` by handle.
  Task<Result<LoggedIn>> log_in(LogIn attempt);
  Sessions& sessions() { return sessions_; }

  Task<Result<chat::User>> user(UserId id);  ///< `not_found`; erased ones are found
  /// A new password ends every session but `current`. `forbidden`: the current password is wrong.
  Task<Result<chat::User>> update(UserId id, SessionId current, ProfilePatch patch);
  /// `forbidden`: the password is wrong. May be repeated after any failure.
  Task<Result<void>> erase(UserId id, Secret<std::string> password, Messages messages,
                           std::string trace = {});
  /// The same without his password: an operator's command, never a request.
  Task<Result<void>> erase_by_operator(UserId id, Messages messages, std::string trace = {});

  /// An operator's command: a disabled user is refused everywhere; his sessions wait for his
  /// return.
  Task<Result<chat::User>> set_disabled(UserId id, bool disabled);

  /// Also closes or opens their direct room for writing. Repeatable. `not_found`: no such user.
  Task<Result<void>> set_block(UserId blocker, UserId blocked, bool on, std::string trace = {});

  chat::UserStore& store() { return ports_.users; }
  chat::RoomLog& log() { return ports_.log; }
  const Clock& clock() const { return ports_.clock; }
  int session_days() const { return settings_.get()->session_days; }

 private:
  /// Refuses beyond the limit of that name, by which refusals are counted.
  Task<Result<void>> within(std::string_view name, std::string key, chat::RateLimit limit);
  Limits limits() const { return settings_.get()->limits; }
  Task<Result<void>> check_own_password(UserId id, Secret<std::string> password);

  Ports ports_;
  Live<Settings> settings_;
  chat::RoomLists* lists_ = nullptr;
  Passwords passwords_;
  Sessions sessions_;
};

}  // namespace respring::user
