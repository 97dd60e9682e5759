#include "services/user/client.h"

#include "chat/wire.h"

namespace respring::user {
namespace {

namespace wire = chat::wire;
using Repeat = net::RoleClient::Repeat;

std::string secret_body(std::string_view name, const Secret<std::string>& secret) {
  json::Writer w;
  w.begin_object().field(name, net::percent_encode(secret.reveal())).end_object();
  return w.take();
}

template <class AnyId>
std::string ids_body(const std::vector<AnyId>& ids) {
  json::Writer w;
  w.begin_object().key("ids");
  wire::write(w, ids);
  w.end_object();
  return w.take();
}

}  // namespace

Task<Result<chat::Session>> AccountsClient::authenticate(Secret<std::string> token) {
  auto body = secret_body("token", token);
  const auto answer =
      co_await role_.call("/internal/user/authenticate", std::move(body), Repeat::allowed);
  co_return wire::answer<chat::Session>(answer);
}

Task<Result<chat::Session>> AccountsClient::redeem_ticket(Secret<std::string> ticket) {
  auto body = secret_body("ticket", ticket);
  const auto answer =
      co_await role_.call("/internal/user/redeem_ticket", std::move(body), Repeat::never);
  co_return wire::answer<chat::Session>(answer);
}

Task<Result<std::vector<SessionId>>> AccountsClient::live_sessions(std::vector<SessionId> ids) {
  auto body = ids_body(ids);
  const auto answer =
      co_await role_.call("/internal/user/live_sessions", std::move(body), Repeat::allowed);
  co_return wire::answers<SessionId>(answer);
}

Task<Result<std::vector<chat::User>>> AccountsClient::users(std::vector<UserId> ids) {
  auto body = ids_body(ids);
  const auto answer = co_await role_.call("/internal/user/users", std::move(body), Repeat::allowed);
  co_return wire::answers<chat::User>(answer);
}

Task<Result<std::vector<UserId>>> AccountsClient::blockers(UserId a, UserId b) {
  json::Writer w;
  w.begin_object().field("a", a.str()).field("b", b.str()).end_object();
  auto body = w.take();
  const auto answer =
      co_await role_.call("/internal/user/blockers", std::move(body), Repeat::allowed);
  co_return wire::answers<UserId>(answer);
}

}  // namespace respring::user
