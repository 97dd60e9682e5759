#include "services/user/internal_routes.h"

#include "chat/wire.h"

namespace respring::user {
namespace {

namespace wire = chat::wire;
using net::RoleCall;
using Answer = Task<Result<std::string>>;
using Work = Answer (*)(chat::Accounts&, RoleCall&);

/// Tokens come from outside as they are; on the way they are percent-encoded, so that they may hold
/// any bytes.
Secret<std::string> take_secret(json::Fields& fields, std::string_view name) {
  const auto text = fields.text(name);
  if (!text) return {};
  auto plain = net::percent_decode(*text);
  if (!plain) fields.fail(name, "invalid");
  return Secret<std::string>(plain ? *std::move(plain) : std::string());
}

Answer authenticate(chat::Accounts& accounts, RoleCall& call) {
  auto token = take_secret(call.fields, "token");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const chat::Session session, co_await accounts.authenticate(std::move(token)));
  co_return wire::to_text(session);
}

Answer redeem_ticket(chat::Accounts& accounts, RoleCall& call) {
  auto ticket = take_secret(call.fields, "ticket");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const chat::Session session, co_await accounts.redeem_ticket(std::move(ticket)));
  co_return wire::to_text(session);
}

Answer live_sessions(chat::Accounts& accounts, RoleCall& call) {
  auto ids = wire::take_all<SessionId>(call.fields, "ids");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto live, co_await accounts.live_sessions(std::move(ids)));
  co_return wire::to_text(live);
}

Answer users(chat::Accounts& accounts, RoleCall& call) {
  auto ids = wire::take_all<UserId>(call.fields, "ids");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto found, co_await accounts.users(std::move(ids)));
  co_return wire::to_text(found);
}

Answer blockers(chat::Accounts& accounts, RoleCall& call) {
  const auto a = wire::take_id<UserId>(call.fields, "a");
  const auto b = wire::take_id<UserId>(call.fields, "b");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto found, co_await accounts.blockers(a, b));
  co_return wire::to_text(found);
}

}  // namespace

void add_internal_routes(net::Router& router, chat::Accounts& accounts,
                         const net::IdentitySeal& seal) {
  const auto add = [&](const std::string& name, Work work) {
    auto handler = [&accounts, work](RoleCall& call) { return work(accounts, call); };
    net::add_role_call(router, "/internal/user/" + name, seal, handler);
  };
  add("authenticate", authenticate);
  add("redeem_ticket", redeem_ticket);
  add("live_sessions", live_sessions);
  add("users", users);
  add("blockers", blockers);
}

}  // namespace respring::user
