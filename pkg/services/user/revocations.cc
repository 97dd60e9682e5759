#include "services/user/revocations.h"

#include "chat/roles/accounts.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::user {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{500};
/// What was found before an end is forgotten by then.
constexpr auto kMoot = chat::SharedSessionLives{}.entry + chat::SharedSessionLives{}.asking;
constexpr std::size_t kMostUntold = 10'000;

template <class Id>
void append(std::vector<Id>& to, const std::vector<Id>& more) {
  for (const Id id : more) {
    if (to.size() < kMostUntold) to.push_back(id);
  }
}

}  // namespace

Revocations::Revocations(chat::SharedSessions& shared, chat::PubSub& pub_sub,
                         asio::any_io_executor executor)
    : shared_(shared),
      pub_sub_(pub_sub),
      executor_(executor),
      pause_(std::make_shared<asio::steady_timer>(executor)) {}

Task<void> Revocations::end(std::vector<SessionId> sessions) {
  if (sessions.empty()) co_return;
  const auto told = co_await shared_.end(sessions);
  if (!told) {
    const Untold untold{sessions, {}, Steady::now() + kMoot};
    try_again(untold, told.error());
  }
  signal(sessions);
}

Task<void> Revocations::bar(UserId user, std::vector<SessionId> sessions) {
  const auto told = co_await shared_.bar(user);
  if (!told) {
    const Untold untold{{}, std::vector<UserId>(1, user), Steady::now() + kMoot};
    try_again(untold, told.error());
  }
  signal(sessions);
}

Task<void> Revocations::unbar(UserId user) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(untold_.users, user);
  }
  const auto told = co_await shared_.unbar(user);
  if (!told) log::warn("sessions.unbar_failed", {{"error", told.error().detail}});
}

void Revocations::signal(const std::vector<SessionId>& sessions) {
  if (sessions.empty()) return;
  auto payload = std::make_shared<std::string>();
  for (const SessionId session : sessions) {
    if (!payload->empty()) *payload += ' ';
    *payload += session.str();
  }
  pub_sub_.publish(chat::kRevokedSessionsChannel, payload);
}

void Revocations::try_again(const Untold& untold, const Error& why) {
  metrics::counter("respring_session_ends_late_total").add();
  log::warn("sessions.end_not_shared", {{"error", why.detail}});
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  append(untold_.sessions, untold.sessions);
  append(untold_.users, untold.users);
  untold_.until = std::max(untold_.until, untold.until);
  if (std::exchange(trying_, true)) return;
  tasks_.spawn(executor_, keep_trying(*this));
}

Task<void> Revocations::keep_trying(Revocations& self) {
  while (true) {
    self.pause_->expires_after(kPause);
    boost::system::error_code cancelled;
    co_await self.pause_->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    Untold untold;
    {
      const std::lock_guard lock(self.mutex_);
      std::swap(untold, self.untold_);
      if (untold.empty() || self.stopping_ || Steady::now() > untold.until) {
        self.trying_ = false;
        co_return;
      }
    }
    if (const auto told = co_await self.tell(untold); told) continue;
    const std::lock_guard lock(self.mutex_);
    append(self.untold_.sessions, untold.sessions);
    append(self.untold_.users, untold.users);
    self.untold_.until = std::max(self.untold_.until, untold.until);
  }
}

Task<Result<void>> Revocations::tell(Untold& untold) {
  RESPRING_CO_TRYV(co_await shared_.end(untold.sessions));
  untold.sessions.clear();
  while (!untold.users.empty()) {
    RESPRING_CO_TRYV(co_await shared_.bar(untold.users.back()));
    untold.users.pop_back();
  }
  co_return success();
}

void Revocations::stop() {
  bool trying = false;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    trying = trying_;
  }
  if (trying) asio::post(executor_, [pause = pause_] { pause->cancel(); });
  tasks_.wait();
}

}  // namespace respring::user
