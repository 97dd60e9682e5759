#include "services/room/client.h"

#include "chat/wire.h"

namespace respring::room {
namespace {

namespace wire = chat::wire;
using Repeat = net::RoleClient::Repeat;

std::string user_body(UserId user) {
  json::Writer w;
  w.begin_object().field("user", user.str()).end_object();
  return w.take();
}

}  // namespace

Task<Result<std::vector<RoomId>>> RoomListsClient::rooms_of(UserId user) {
  auto body = user_body(user);
  const auto answer =
      co_await role_.call("/internal/room/rooms_of", std::move(body), Repeat::allowed);
  co_return wire::answers<RoomId>(answer);
}

Task<Result<std::optional<RoomId>>> RoomListsClient::direct_room(UserId a, UserId b) {
  json::Writer w;
  w.begin_object().field("a", a.str()).field("b", b.str()).end_object();
  auto body = w.take();
  const auto answer =
      co_await role_.call("/internal/room/direct_room", std::move(body), Repeat::allowed);
  if (answer && answer.value().is_null()) co_return std::optional<RoomId>();
  RESPRING_CO_TRY(const RoomId room, wire::answer<RoomId>(answer));
  co_return std::optional<RoomId>(room);
}

Task<Result<void>> RoomListsClient::forget_user(UserId user) {
  auto body = user_body(user);
  const auto answer =
      co_await role_.call("/internal/room/forget_user", std::move(body), Repeat::allowed);
  RESPRING_CO_TRYV(wire::answer<bool>(answer));
  co_return success();
}

}  // namespace respring::room
