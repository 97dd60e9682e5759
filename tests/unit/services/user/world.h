#pragma once

#include <gtest/gtest.h>

#include "async/io_pool.h"
#include "async/run.h"
#include "base/json.h"
#include "fake_rooms.h"
#include "fake_users.h"
#include "local/cache.h"
#include "local/pub_sub.h"
#include "local/rate_limiter.h"
#include "local/shared_sessions.h"
#include "services/user/routes.h"

namespace respring::user {

class TestClock final : public Clock {
 public:
  Time now() const override { return from_ms(ms.load()); }
  void pass(std::chrono::milliseconds time) { ms += time.count(); }
  std::atomic<std::int64_t> ms{1'790'000'000'000};
};

/// The user role over stores in memory, spoken to by its routes.
class UserTest : public testing::Test {
 protected:
  void start(Settings settings = {}) {
    settings.passwords = {1, 8192};  // the cheapest: what is tested is not the hash
    users.now = clock.now();
    service = std::make_unique<UserService>(Ports{users, rooms, *cache, *shared, *limiter, *pub_sub,
                                                  clock, passwords, io.at(0).get_executor()},
                                            settings);
    service->connect(rooms);
    router = std::make_unique<net::Router>();
    add_routes(*router, *service, seal);
  }
  void SetUp() override {
    io.start();
    start();
  }
  void TearDown() override {
    service.reset();
    io.stop();
  }

  template <class T>
  T wait(Task<T> task) {
    return async::block_on(io.at(0).get_executor(), std::move(task));
  }

  net::Response call(net::Method method, std::string target, std::string body = {},
                     const std::string& token = {}) {
    net::Request request;
    request.method = method;
    request.target = std::move(target);
    net::split_target(request);
    request.headers.add("Host", host);
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    request.remote_ip = "192.0.2.1";
    if (!token.empty()) {
      const auto session = wait(service->authenticate(Secret<std::string>(token)));
      if (!session) return net::problem_response(session.error(), request);
      request.principal = net::Principal{session.value().user, session.value().id};
    }
    return wait(router->handle(request));
  }

  /// The JSON of an answer that must have this status.
  json::Value want(int status, const net::Response& response) {
    EXPECT_EQ(response.status, status) << response.body;
    auto value = json::parse(response.body.empty() ? "{}" : response.body);
    EXPECT_TRUE(value) << response.body;
    return value ? value.value() : json::Value();
  }

  UserId register_person(const std::string& handle, const std::string& password = "a password") {
    const auto made = want(201, call(net::Method::post, "/v1/users",
                                     R"({"handle":")" + handle + R"(","display_name":"사람",)" +
                                         R"("password":")" + password + "\"}"));
    return UserId::parse(made.string_or("id")).value_or(UserId{});
  }
  net::Response try_log_in(const std::string& handle, const std::string& password) {
    return call(net::Method::post, "/v1/sessions",
                R"({"handle":")" + handle + R"(","password":")" + password + "\"}");
  }
  std::string log_in(const std::string& handle, const std::string& password = "a password") {
    return want(201, try_log_in(handle, password)).string_or("token");
  }

  async::IoPool io{1};
  async::BlockingPool passwords{{.name = "passwords", .threads = 2, .queue_limit = 64}};
  TestClock clock;
  FakeUsers users;
  FakeRooms rooms;
  std::unique_ptr<chat::Cache> cache = local::make_cache();
  std::unique_ptr<chat::SharedSessions> shared = local::make_shared_sessions();
  std::unique_ptr<chat::RateLimiter> limiter = local::make_rate_limiter();
  std::unique_ptr<chat::PubSub> pub_sub = local::make_pub_sub();
  chat::CursorSeal seal{chat::CursorSeal::Key{7}};
  std::string host = "chat.example.org";
  std::unique_ptr<UserService> service;
  std::unique_ptr<net::Router> router;
};

}  // namespace respring::user
