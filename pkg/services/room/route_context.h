#pragma once

#include <string>

#include "base/fields.h"
#include "chat/cursor_seal.h"
#include "net/router.h"
#include "services/room/routes.h"
#include "services/room/service.h"

/// What the files of the room role's routes share.
namespace respring::room {

struct RouteContext {
  RoomService& service;
  const chat::CursorSeal& seal;
  RouteSettings settings;
};

using Route = Task<Result<net::Response>> (*)(RouteContext, net::Request&, const net::PathParams&);

net::FallibleHandler bind(RouteContext context, Route route);
/// Whoever logged in for the request.
Asker asker_of(const net::Request& request);
/// A malformed id names a room that does not exist, like any other room one is not a member of.
Result<RoomId> room_in(const net::PathParams& path);
/// The required field `title`; what is wrong with it is noted in `fields`.
std::string read_title(json::Fields& fields);

}  // namespace respring::room
