#include "respring/serve/role_table.h"

namespace respring::cmd {

const std::vector<RoleRow>& role_table() {
  using enum Role;
  static const std::vector<RoleRow> kTable = {
      {gateway,
       {user, room, message, search},
       {websocket},
       {"redis.sessions", "redis.limits"},
       true},
      {user,
       {message, room},
       {},
       {"stores.user", "redis.pubsub", "redis.sessions", "redis.limits"},
       false},
      {room, {message, user}, {}, {"stores.room", "bus"}, false},
      {message,
       {room},
       {},
       {"stores.meta", "stores.shards", "bus", "redis.pubsub", "blobs"},
       false},
      {search, {message, room}, {}, {"bus", "search"}, false},
      {notification, {}, {}, {"stores.notification"}, false},
      {websocket,
       {user, message, room},
       {},
       {"redis.pubsub", "redis.sessions", "redis.limits"},
       true},
  };
  return kTable;
}

}  // namespace respring::cmd
