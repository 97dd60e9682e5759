#include "role_world.h"

#include "local/cache.h"
#include "local/pub_sub.h"
#include "local/rate_limiter.h"
#include "services/message/internal_routes.h"
#include "services/room/internal_routes.h"
#include "services/user/internal_routes.h"

namespace respring::roles {

RoleWorld::RoleWorld()
    : pub_sub(local::make_pub_sub()),
      cache(local::make_cache()),
      limiter(local::make_rate_limiter()) {
  io.start();
  open_stores();
  messages = std::make_unique<message::MessageService>(*room_world.log, *pub_sub, *recent);
  user::Settings settings;
  settings.passwords = {1, 8192};  // the cheapest: what is tested is not the hash
  users = std::make_unique<user::UserService>(
      user::Ports{*user_store, *messages, *cache, *shared, *limiter, *pub_sub, clock, passwords,
                  io.at(0).get_executor()},
      settings);
  rooms = std::make_unique<room::RoomService>(room::Ports{*directory, *messages, *users, clock});
  users->connect(*rooms);
  serve();
}

RoleWorld::~RoleWorld() {
  log_client.reset();
  http.reset();
  server.reset();
  rooms.reset();
  users.reset();
  messages.reset();
  room_world.close();
  directory.reset();
  user_store.reset();
  io.stop();
}

void RoleWorld::open_stores() {
  auto people = store::UserStore::open({backend.database("user"), &clock});
  ASSERT_TRUE(people) << people.assume_error().detail;
  user_store = std::move(people).assume_value();
  auto opened = store::RoomDirectory::open({backend.database("room"), &clock});
  ASSERT_TRUE(opened) << opened.assume_error().detail;
  directory = std::move(opened).assume_value();
}

void RoleWorld::serve() {
  message::add_internal_routes(router, *messages, seal);
  user::add_internal_routes(router, *users, seal);
  room::add_internal_routes(router, *rooms, seal);
  net::HttpServerOptions options;
  options.max_body = net::kMaxCallBody;
  options.sweep = std::chrono::milliseconds(10);
  server = std::make_unique<net::HttpServer>(io, options, [this](net::Request& request) {
    if (request.path == "/internal/message/write") ++write_requests;
    return router.handle(request);
  });
  ASSERT_TRUE(server->start());
  net::HttpClientOptions to_server;
  to_server.port = server->port();
  to_server.max_body = net::kMaxCallAnswer;
  http = std::make_unique<net::HttpClient>(to_server);
  role = std::make_unique<net::RoleClient>(*http, seal);
  message::WriteLanes::Options lanes;
  lanes.executor = io.at(1).get_executor();
  log_client = std::make_unique<message::RoomLogClient>(*role, lanes);
  accounts_client = std::make_unique<user::AccountsClient>(*role);
  lists_client = std::make_unique<room::RoomListsClient>(*role);
}

}  // namespace respring::roles
