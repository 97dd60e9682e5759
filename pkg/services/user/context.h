#pragma once

#include "chat/cursor_seal.h"
#include "net/router.h"
#include "services/user/service.h"

/// How this role's route functions get what they need.
namespace respring::user {

struct RouteContext {
  UserService& service;
  const chat::CursorSeal& seal;
};

using Route = Task<Result<net::Response>> (*)(RouteContext, net::Request&, const net::PathParams&);

inline net::FallibleHandler bind(RouteContext context, Route route) {
  return [context, route](net::Request& request, const net::PathParams& path) {
    return route(context, request, path);
  };
}

}  // namespace respring::user
