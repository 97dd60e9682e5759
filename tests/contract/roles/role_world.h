#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "chat/wire.h"
#include "contract/store/backends.h"
#include "contract/store/room_world.h"
#include "contract/waiting.h"
#include "local/recent_events.h"
#include "local/shared_sessions.h"
#include "net/http_server.h"
#include "services/message/client.h"
#include "services/message/service.h"
#include "services/room/client.h"
#include "services/room/service.h"
#include "services/user/client.h"
#include "services/user/service.h"
#include "store/room_directory.h"
#include "store/user_store.h"

namespace respring::roles {

using store::kMinji, store::kStranger, store::kSunja, store::kYoungho;
using store::RoomWorld;

/// Where the role runs that is asked.
enum class Where : std::uint8_t { here, there };
inline std::string name_of_where(const ::testing::TestParamInfo<Where>& info) {
  return info.param == Where::here ? "SameProcess" : "OverHttp";
}

/// The user, room and message roles on databases of their own, and a server that lets others ask
/// them.
class RoleWorld {
 public:
  RoleWorld();
  ~RoleWorld();

  chat::RoomLog& log(Where where) {
    return where == Where::here ? static_cast<chat::RoomLog&>(*messages) : *log_client;
  }
  chat::Accounts& accounts(Where where) {
    return where == Where::here ? static_cast<chat::Accounts&>(*users) : *accounts_client;
  }
  chat::RoomLists& lists(Where where) {
    return where == Where::here ? static_cast<chat::RoomLists&>(*rooms) : *lists_client;
  }
  /// The server ends; nobody can be asked any more.
  void stop_server() { server->stop(std::chrono::milliseconds(0)); }

  testing::Waiting wait;  // first: the loop of all who ask
  store::SqliteBackend backend;
  RoomWorld room_world{backend};
  SystemClock clock;
  std::unique_ptr<chat::PubSub> pub_sub;
  std::unique_ptr<chat::Cache> cache;
  std::unique_ptr<chat::RecentEvents> recent = local::make_recent_events();
  std::unique_ptr<chat::SharedSessions> shared = local::make_shared_sessions();
  std::unique_ptr<chat::RateLimiter> limiter;
  async::BlockingPool passwords{{.name = "passwords", .threads = 1, .queue_limit = 64}};
  async::IoPool io{2};
  std::unique_ptr<store::UserStore> user_store;
  std::unique_ptr<store::RoomDirectory> directory;
  std::unique_ptr<message::MessageService> messages;
  std::unique_ptr<user::UserService> users;
  std::unique_ptr<room::RoomService> rooms;

  net::IdentitySeal seal{net::IdentityKeys{{1, 2, 3}, {}}, clock};
  net::Router router;
  std::atomic<int> write_requests{0};
  std::unique_ptr<net::HttpServer> server;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<net::RoleClient> role;
  std::unique_ptr<message::RoomLogClient> log_client;
  std::unique_ptr<user::AccountsClient> accounts_client;
  std::unique_ptr<room::RoomListsClient> lists_client;

 private:
  void open_stores();
  void serve();
};

/// What two answers must have in common to be the same.
template <class T>
std::string text_of(const T& value) {
  return chat::wire::to_text(value);
}
inline std::string text_of(const std::pair<RoomId, chat::Head>& item) {
  return item.first.str() + text_of(item.second);
}
template <class T>
std::string text_of(const std::vector<std::pair<RoomId, T>>& items) {
  std::string text;
  for (const auto& item : items) text += text_of(item) + " ";
  return text;
}

/// One role's interface, asked here or there.
class RoleTest : public ::testing::TestWithParam<Where> {
 protected:
  /// Asks the role, and the one in the same process too: the answers must be the same, down to the
  /// words of an error.
  template <class Ask>
  auto ask(Ask question) {
    auto answer = world.wait(question(GetParam()));
    const auto here = world.wait(question(Where::here));
    EXPECT_EQ(answer.has_value(), here.has_value());
    if (answer && here) {
      EXPECT_EQ(text_of(answer.assume_value()), text_of(here.assume_value()));
    } else if (!answer && !here) {
      EXPECT_EQ(answer.assume_error().code, here.assume_error().code);
      EXPECT_EQ(answer.assume_error().detail, here.assume_error().detail);
      EXPECT_EQ(answer.assume_error().fields, here.assume_error().fields);
    }
    return answer;
  }
  chat::RoomLog& log() { return world.log(GetParam()); }

  RoleWorld world;
};

#define RESPRING_HERE_AND_THERE(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(Roles, suite, ::testing::Values(Where::here, Where::there), \
                           name_of_where)

}  // namespace respring::roles
