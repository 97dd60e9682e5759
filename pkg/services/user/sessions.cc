#include "services/user/sessions.h"

#include <sodium.h>

#include <algorithm>

#include "chat/roles/accounts.h"
#include "services/user/token_hash.h"

namespace respring::user {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr int kPage = 100;
constexpr std::size_t kMostTouches = 1000;  ///< in flight at once; a skipped one costs nothing

/// Cache keys are text; the ticket itself is not kept there.
std::string ticket_key(std::string_view ticket) {
  std::string hex(2 * crypto_hash_sha256_BYTES + 1, '\0');
  const std::string hash = token_hash(ticket);
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(hash.data()),
                 hash.size());
  hex.pop_back();
  return "ticket:" + hex;
}

Error unauthenticated(std::string detail) {
  return {ErrorCode::unauthenticated, std::move(detail), {}, {}};
}

/// `user/session` as issue_ticket() wrote it.
std::optional<std::pair<UserId, SessionId>> parse_ticket_value(std::string_view value) {
  const auto slash = std::min(value.find('/'), value.size());
  const auto user = UserId::parse(value.substr(0, slash));
  const auto session = SessionId::parse(value.substr(std::min(slash + 1, value.size())));
  if (!user || !session) return std::nullopt;
  return std::pair(*user, *session);
}

}  // namespace

Sessions::Sessions(const Ports& ports, const Live<Settings>& settings)
    : ports_(ports),
      settings_(settings),
      revocations_(ports.shared, ports.pub_sub, ports.background) {
  auto dropped = [this](std::shared_ptr<const std::string> payload) {
    std::string_view rest = *payload;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      if (const auto id = SessionId::parse(rest.substr(0, end))) cache_.drop(*id);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  };
  heard_ = ports_.pub_sub.subscribe(std::string(chat::kRevokedSessionsChannel), std::move(dropped));
}

Task<Result<OpenedSession>> Sessions::open(UserId user, std::string device) {
  const std::string token = random_token(kTokenBytes);
  const Time expires = ports_.clock.now() + std::chrono::days(settings_.get()->session_days);
  chat::NewSession fresh{user, std::move(device), token_hash(token), expires};
  RESPRING_CO_TRY(chat::Session session, co_await ports_.users.add_session(std::move(fresh)));
  if (settings_.get()->single_session) {
    RESPRING_CO_TRYV(co_await end_others(user, session.id));
  }
  co_return OpenedSession{std::move(session), Secret<std::string>(token)};
}

Task<Result<chat::Session>> Sessions::authenticate(Secret<std::string> token) {
  if (token.reveal().empty() || token.reveal().size() > kMaxTokenText)
    co_return unauthenticated("the token is not valid");
  const std::string hash = token_hash(token.reveal());
  const Time now = ports_.clock.now();
  auto session = cache_.find(hash, now);
  if (!session) {
    const auto begun = cache_.begin();
    RESPRING_CO_TRY(session, co_await ports_.users.session_by_token(hash, now));
    if (!session) co_return unauthenticated("the session has ended or never was");
    cache_.put(begun, hash, *session, now);
  }
  if (cache_.mark_used(hash, now)) touch(session->id, now);
  co_return std::move(*session);
}

Task<Result<void>> Sessions::end(UserId user, SessionId session) {
  RESPRING_CO_TRY(const bool was_there, co_await ports_.users.remove_session(user, session));
  if (!was_there) co_return not_found("no such session");
  co_await revoke(std::vector<SessionId>(1, session));
  co_return success();
}

Task<Result<void>> Sessions::end_others(UserId user, SessionId keep) {
  RESPRING_CO_TRY(const auto removed, co_await ports_.users.remove_sessions(user, keep));
  co_await revoke(removed);
  co_return success();
}

Task<void> Sessions::revoke(std::vector<SessionId> sessions) {
  for (const SessionId session : sessions) cache_.drop(session);
  co_await revocations_.end(std::move(sessions));
}

Task<Result<void>> Sessions::bar_user(UserId user) {
  cache_.drop_user(user);
  std::vector<SessionId> open;
  SessionId after;
  while (true) {
    RESPRING_CO_TRY(const auto page, co_await ports_.users.sessions(user, after, kPage));
    for (const chat::Session& session : page) open.push_back(session.id);
    if (std::ssize(page) < kPage) break;
    after = page.back().id;
  }
  co_await revocations_.bar(user, std::move(open));
  co_return success();
}

void Sessions::touch(SessionId session, Time now) {
  if (background_.running() >= kMostTouches) return;
  auto note = [](chat::UserStore& users, SessionId id, Time at) -> Task<void> {
    // Nobody depends on this time to the minute: the next request tries again.
    (void)co_await users.touch_session(id, at);
  };
  background_.spawn(ports_.background, note(ports_.users, session, now));
}

Task<Result<WsTicket>> Sessions::issue_ticket(UserId user, SessionId session) {
  const std::string ticket = random_token(kTokenBytes);
  const WsTicket issued{Secret<std::string>(ticket)};
  RESPRING_CO_TRYV(
      co_await ports_.cache.put(ticket_key(ticket), user.str() + "/" + session.str(), issued.life));
  co_return issued;
}

Task<Result<chat::Session>> Sessions::redeem_ticket(Secret<std::string> ticket) {
  if (ticket.reveal().empty() || ticket.reveal().size() > kMaxTokenText)
    co_return unauthenticated("the ticket is not valid");
  RESPRING_CO_TRY(const auto value, co_await ports_.cache.take(ticket_key(ticket.reveal())));
  if (!value) co_return unauthenticated("the ticket is unknown, used or too old");
  const auto names = parse_ticket_value(*value);
  if (!names) co_return unauthenticated("the ticket is not valid");
  RESPRING_CO_TRY(auto session, co_await live_session(names->first, names->second));
  if (!session) co_return unauthenticated("the ticket's session has ended");
  co_return std::move(*session);
}

Task<Result<std::optional<chat::Session>>> Sessions::live_session(UserId user, SessionId session) {
  RESPRING_CO_TRY(const auto people, co_await ports_.users.users(std::vector<UserId>(1, user)));
  if (people.empty() || people.front().deleted || people.front().disabled) co_return std::nullopt;
  RESPRING_CO_TRY(auto found,
                  co_await ports_.users.sessions(user, SessionId{session.value - 1}, 1));
  if (found.empty() || found.front().id != session ||
      found.front().expires_at <= ports_.clock.now()) {
    co_return std::nullopt;
  }
  co_return std::move(found.front());
}

}  // namespace respring::user
