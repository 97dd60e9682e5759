#include "services/user/service.h"

#include "net/networks.h"
#include "services/user/leave.h"
#include "telemetry/metrics.h"

namespace respring::user {
namespace {

/// One answer for every way in which a log-in can fail.
Error wrong_credentials() {
  return {ErrorCode::unauthenticated, "the handle or the password is wrong", {}, {}};
}

}  // namespace

UserService::UserService(Ports ports, Settings settings)
    : ports_(ports),
      settings_(settings),
      passwords_(ports.password_pool, settings.passwords),
      sessions_(ports, settings_) {}

Task<Result<chat::Session>> UserService::authenticate(Secret<std::string> token) {
  return sessions_.authenticate(std::move(token));
}

Task<Result<chat::Session>> UserService::redeem_ticket(Secret<std::string> ticket) {
  return sessions_.redeem_ticket(std::move(ticket));
}

Task<Result<std::vector<SessionId>>> UserService::live_sessions(std::vector<SessionId> ids) {
  return ports_.users.live_sessions(std::move(ids), ports_.clock.now());
}

Task<Result<std::vector<chat::User>>> UserService::users(std::vector<UserId> ids) {
  return ports_.users.users(std::move(ids));
}

Task<Result<std::vector<UserId>>> UserService::blockers(UserId a, UserId b) {
  return ports_.users.blockers(a, b);
}

Task<Result<void>> UserService::within(std::string_view name, std::string key,
                                       chat::RateLimit limit) {
  if (limit.off()) co_return success();
  const chat::RateDecision decision = co_await ports_.limiter.take(std::move(key), limit);
  if (decision.allowed) co_return success();
  metrics::counter("respring_rate_limited_total", {{"limit", std::string(name)}}).add();
  co_return Error{ErrorCode::rate_limited, "too many attempts", {}, decision.retry_after};
}

Task<Result<chat::User>> UserService::register_user(NewAccount account, std::string remote_ip) {
  RESPRING_CO_TRYV(co_await within("registrations_per_ip", "register:" + net::counted_as(remote_ip),
                                   limits().registrations_per_ip));
  RESPRING_CO_TRY(auto hash, co_await passwords_.hash(std::move(account.password)));
  chat::NewUser fresh{std::move(account.handle), std::move(account.display_name), std::move(hash)};
  co_return co_await ports_.users.create(std::move(fresh));
}

Task<Result<LoggedIn>> UserService::log_in(LogIn attempt) {
  RESPRING_CO_TRYV(
      co_await within("logins_per_handle", "login:" + attempt.handle, limits().logins_per_handle));
  RESPRING_CO_TRY(auto known, co_await ports_.users.credentials(attempt.handle));
  if (!known) {
    RESPRING_CO_TRYV(co_await passwords_.verify_nobody(std::move(attempt.password)));
    co_return wrong_credentials();
  }
  RESPRING_CO_TRY(const bool right, co_await passwords_.verify(std::move(known->password_hash),
                                                               std::move(attempt.password)));
  if (!right || known->disabled) co_return wrong_credentials();
  RESPRING_CO_TRY(chat::User person, co_await user(known->user));
  RESPRING_CO_TRY(OpenedSession opened,
                  co_await sessions_.open(known->user, std::move(attempt.device)));
  co_return LoggedIn{std::move(person), std::move(opened)};
}

Task<Result<chat::User>> UserService::user(UserId id) {
  RESPRING_CO_TRY(auto found, co_await ports_.users.users(std::vector<UserId>(1, id)));
  if (found.empty()) co_return not_found("no such user");
  co_return std::move(found.front());
}

Task<Result<void>> UserService::check_own_password(UserId id, Secret<std::string> password) {
  // A stolen session must not become a way to guess the password.
  RESPRING_CO_TRYV(
      co_await within("logins_per_handle", "password:" + id.str(), limits().logins_per_handle));
  RESPRING_CO_TRY(auto known, co_await ports_.users.credentials_of(id));
  if (!known) co_return not_found("no such user");
  RESPRING_CO_TRY(const bool right,
                  co_await passwords_.verify(std::move(known->password_hash), std::move(password)));
  if (!right) co_return forbidden("the password is wrong");
  co_return success();
}

Task<Result<chat::User>> UserService::update(UserId id, SessionId current, ProfilePatch patch) {
  chat::UserPatch change;
  change.display_name = std::move(patch.display_name);
  change.locale = std::move(patch.locale);
  const bool new_password = patch.password.has_value();
  if (new_password) {
    if (!patch.current_password) co_return invalid_field("current_password", "required");
    RESPRING_CO_TRYV(co_await check_own_password(id, std::move(*patch.current_password)));
    RESPRING_CO_TRY(change.password_hash, co_await passwords_.hash(std::move(*patch.password)));
  }
  RESPRING_CO_TRY(chat::User changed, co_await ports_.users.update(id, std::move(change)));
  if (new_password) {
    RESPRING_CO_TRYV(co_await sessions_.end_others(id, current));
  }
  co_return changed;
}

Task<Result<void>> UserService::erase(UserId id, Secret<std::string> password, Messages messages,
                                      std::string trace) {
  RESPRING_CO_TRYV(co_await check_own_password(id, std::move(password)));
  co_return co_await erase_by_operator(id, messages, std::move(trace));
}

Task<Result<void>> UserService::erase_by_operator(UserId id, Messages messages, std::string trace) {
  RESPRING_CO_TRYV(co_await leave_rooms(ports_.log, id, messages, trace));
  RESPRING_CO_TRYV(co_await lists_->forget_user(id));
  RESPRING_CO_TRYV(co_await sessions_.end_others(id, SessionId{}));
  // Last: until here he can log in and ask again, whatever went wrong on the way.
  RESPRING_CO_TRYV(co_await ports_.users.erase(id));
  co_return co_await sessions_.bar_user(id);
}

Task<Result<chat::User>> UserService::set_disabled(UserId id, bool disabled) {
  chat::UserPatch change;
  change.disabled = disabled;
  RESPRING_CO_TRY(chat::User changed, co_await ports_.users.update(id, std::move(change)));
  if (disabled) {
    RESPRING_CO_TRYV(co_await sessions_.bar_user(id));
  } else {
    co_await sessions_.unbar_user(id);
  }
  co_return changed;
}

Task<Result<void>> UserService::set_block(UserId blocker, UserId blocked, bool on,
                                          std::string trace) {
  if (blocker == blocked) co_return invalid_field("user", "oneself");
  RESPRING_CO_TRY(const chat::User other, co_await user(blocked));
  if (on && other.deleted) co_return not_found("no such user");
  RESPRING_CO_TRYV(co_await ports_.users.set_block(blocker, blocked, on));
  RESPRING_CO_TRY(const auto room, co_await lists_->direct_room(blocker, blocked));
  if (!room) co_return success();
  chat::Write write = write_now(*room, blocker, chat::SetBlock{on}, trace);
  const auto written = co_await ports_.log.write(std::move(write));
  // A room that was reserved and never begun: whoever opens it asks for the block first.
  if (!written && written.error().code != ErrorCode::not_found) co_return written.error();
  co_return success();
}

}  // namespace respring::user
