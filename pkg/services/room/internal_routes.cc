#include "services/room/internal_routes.h"

#include "chat/wire.h"

namespace respring::room {
namespace {

namespace wire = chat::wire;
using net::RoleCall;
using Answer = Task<Result<std::string>>;
using Work = Answer (*)(chat::RoomLists&, RoleCall&);

Answer rooms_of(chat::RoomLists& lists, RoleCall& call) {
  const auto user = wire::take_id<UserId>(call.fields, "user");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto rooms, co_await lists.rooms_of(user));
  co_return wire::to_text(rooms);
}

Answer direct_room(chat::RoomLists& lists, RoleCall& call) {
  const auto a = wire::take_id<UserId>(call.fields, "a");
  const auto b = wire::take_id<UserId>(call.fields, "b");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto room, co_await lists.direct_room(a, b));
  co_return room ? wire::to_text(*room) : std::string("null");
}

Answer forget_user(chat::RoomLists& lists, RoleCall& call) {
  const auto user = wire::take_id<UserId>(call.fields, "user");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRYV(co_await lists.forget_user(user));
  co_return std::string("true");
}

}  // namespace

void add_internal_routes(net::Router& router, chat::RoomLists& lists,
                         const net::IdentitySeal& seal) {
  const auto add = [&](const std::string& name, Work work) {
    auto handler = [&lists, work](RoleCall& call) { return work(lists, call); };
    net::add_role_call(router, "/internal/room/" + name, seal, handler);
  };
  add("rooms_of", rooms_of);
  add("direct_room", direct_room);
  add("forget_user", forget_user);
}

}  // namespace respring::room
