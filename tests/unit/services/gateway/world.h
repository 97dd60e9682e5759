#pragma once

#include <gtest/gtest.h>

#include <map>

#include "async/io_pool.h"
#include "async/run.h"
#include "base/json.h"
#include "local/rate_limiter.h"
#include "services/gateway/gateway.h"

namespace respring::gateway {

/// Knows the tokens `good` (user 1) and `other` (user 2).
class FakeAccounts final : public chat::Accounts {
 public:
  Task<Result<chat::Session>> authenticate(Secret<std::string> token) override {
    chat::Session session;
    if (token.reveal() == "good") session.user = UserId{1};
    if (token.reveal() == "other") session.user = UserId{2};
    session.id = SessionId{session.user.value + 10};
    if (!session.user) co_return Error{ErrorCode::unauthenticated, "no", {}, {}};
    co_return session;
  }
  Task<Result<chat::Session>> redeem_ticket(Secret<std::string>) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId>) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId>) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<UserId>>> blockers(UserId, UserId) override {
    co_return std::vector<UserId>();
  }
};

/// A gateway before one role, `room`, whose routes note what they get.
class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    io.start();
    add_role_routes();
    start();
  }
  void TearDown() override {
    gateway.reset();
    io.stop();
  }

  void start(Settings settings = {}) {
    if (gateway) gateway->wait();
    std::vector<Upstream> upstreams;
    upstreams.push_back(upstream_of("room", router));
    gateway =
        std::make_unique<Gateway>(Ports{accounts, *limiter}, std::move(settings),
                                  Documents{R"({"openapi":"3.1.0"})", "{}"}, std::move(upstreams));
  }

  void add_role_routes() {
    const auto note = [this](net::Request& request, const net::PathParams&) {
      return noted(request);
    };
    for (const char* pattern : {"/v1/rooms", "/v1/rooms/{room}/messages", "/v1/users"}) {
      router.add(net::Method::get, pattern, net::Handler(note));
      router.add(net::Method::post, pattern, net::Handler(note));
    }
    router.add(net::Method::get, "/v1/slow",
               net::Handler([this](auto& request, const auto&) { return slow(request); }));
    router.add(net::Method::post, "/v1/slow",
               net::Handler([this](auto& request, const auto&) { return slow(request); }));
    router.add(net::Method::get, "/v1/throws",
               net::Handler([](auto&, const auto&) { return throws(); }));
  }
  Task<net::Response> noted(net::Request& request) {
    seen = request;
    co_return net::json_response(200, "{}");
  }
  /// Answers when the test lets it.
  Task<net::Response> slow(net::Request& request) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    ++waiting;
    while (!let_go) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
    ++finished;
    co_return net::json_response(200, request.path.empty() ? "" : "{}");
  }
  static Task<net::Response> throws() {
    throw std::runtime_error("secret detail");
    co_return net::Response{};
  }

  static net::Request request(net::Method method, std::string target) {
    net::Request r;
    r.method = method;
    r.target = std::move(target);
    net::split_target(r);
    r.headers.add("Host", "chat.example.org");
    r.remote_ip = "192.0.2.1";
    return r;
  }
  static net::Request with_token(net::Method method, std::string target) {
    net::Request r = request(method, std::move(target));
    r.headers.add("Authorization", "Bearer good");
    return r;
  }
  static net::Request with_cookie(net::Method method, std::string target) {
    net::Request r = request(method, std::move(target));
    r.headers.add("Cookie", "theme=dark; __Host-respring=good");
    return r;
  }
  net::Response send(net::Request r) {
    return async::block_on(io.at(0).get_executor(), gateway->handle(r));
  }
  std::string code(const net::Response& response) {
    const auto value = json::parse(response.body);
    return value ? value.value().string_or("code") : "";
  }
  Result<std::optional<chat::Session>> admit(net::Request r) {
    return async::block_on(io.at(0).get_executor(), gateway->admit_websocket(r));
  }

  async::IoPool io{1};
  FakeAccounts accounts;
  std::unique_ptr<chat::RateLimiter> limiter = local::make_rate_limiter();
  net::Router router;
  std::unique_ptr<Gateway> gateway;
  std::optional<net::Request> seen;
  std::atomic<bool> let_go{false};
  std::atomic<int> waiting{0};
  std::atomic<int> finished{0};
};

}  // namespace respring::gateway
