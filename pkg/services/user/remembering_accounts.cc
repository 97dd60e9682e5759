#include "services/user/remembering_accounts.h"

#include "services/user/token_hash.h"
#include "telemetry/metrics.h"

namespace respring::user {
namespace {

void count(std::string_view result) {
  metrics::counter("respring_shared_sessions_total", {{"result", std::string(result)}}).add();
}

Error has_ended() { return {ErrorCode::unauthenticated, "the session has ended", {}, {}}; }

}  // namespace

Task<Result<chat::Session>> RememberingAccounts::authenticate(Secret<std::string> token) {
  if (token.reveal().empty() || token.reveal().size() > kMaxTokenText)
    co_return co_await role_.authenticate(std::move(token));  // which says what is wrong with it
  const std::string hash = token_hash(token.reveal());
  auto found = co_await shared_.find(hash);
  if (!found) {
    count("failed");
    co_return co_await role_.authenticate(std::move(token));
  }
  if (auto& known = found.value().session) {
    count("hit");
    if (known->expires_at <= clock_.now()) co_return has_ended();
    co_return std::move(*known);
  }
  count("miss");
  RESPRING_CO_TRY(chat::Session session, co_await role_.authenticate(std::move(token)));
  auto ticket = std::move(found.value().ticket);
  const auto put = co_await shared_.put(std::move(ticket), hash, session);
  // The role may have answered before the end, or from what it remembers itself.
  if (put && put.value() == chat::SharedSessions::Put::ended) {
    count("ended");
    co_return has_ended();
  }
  co_return session;
}

}  // namespace respring::user
