#include "net/ws_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "async/run.h"
#include "net/http_server.h"
#include "raw_client.h"

namespace respring::net {
namespace {

using std::chrono::milliseconds;

class EchoServer : public WsHandler {
 public:
  void on_message(std::string_view text) override {
    if (text == "bye") return connection->close(4001, "as you wish");
    connection->send(frame_text(text));
  }
  void on_closed(std::uint16_t) override { connection.reset(); }
  std::shared_ptr<WsConnection> connection;
};

class Listener : public WsHandler {
 public:
  void on_message(std::string_view text) override {
    seen += text;
    if (++count == expected) all.set_value();
  }
  void on_closed(std::uint16_t code) override { closed.set_value(code); }

  int expected = 1;
  int count = 0;
  std::string seen;
  std::promise<void> all;
  std::promise<std::uint16_t> closed;
};

class WsClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    pool_.start();
    HttpServerOptions options;
    options.head_timeout = milliseconds(200);
    options.sweep = milliseconds(10);
    auto answer = [](Request&) -> Task<Response> { co_return no_content(); };
    auto decide = [this](Request& request) { return upgrade(request, options_); };
    server_.emplace(pool_, options, answer, decide);
    ASSERT_TRUE(server_->start());
    target_.port = server_->port();
  }

  void TearDown() override {
    // A connection and its owner hold each other until it has closed.
    for (const auto& connection : opened_) connection->post([connection] { connection->cut(); });
    while (server_ && server_->connections() != 0) std::this_thread::yield();
    opened_.clear();
    server_.reset();
  }

  static Task<UpgradeDecision> upgrade(Request& request, std::shared_ptr<WsOptions> options) {
    UpgradeDecision decision;
    if (!request.headers.has("authorization")) {
      const Error error{ErrorCode::unauthenticated, {}, {}, {}};
      decision.refusal = problem_response(error, request);
    }
    decision.take = [options](UpgradedSocket socket) {
      auto echo = std::make_shared<EchoServer>();
      echo->connection = WsConnection::start(std::move(socket), WsRole::server, options, echo);
    };
    co_return decision;
  }

  Result<std::shared_ptr<WsConnection>> connect(std::shared_ptr<WsHandler> handler,
                                                std::size_t thread = 0) {
    auto connection = async::block_on(
        pool_.at(thread).get_executor(),
        connect_websocket(pool_.at(thread), target_, options_, std::move(handler),
                          std::chrono::steady_clock::now() + std::chrono::seconds(10)));
    if (connection) opened_.push_back(connection.value());
    return connection;
  }
  static void send(const std::shared_ptr<WsConnection>& connection, std::string text) {
    connection->post([connection, text] { connection->send(client_text(text)); });
  }

  async::IoPool pool_{2};
  std::shared_ptr<WsOptions> options_ = std::make_shared<WsOptions>();
  WsTarget target_{"127.0.0.1", 0, "/v1/ws", {{"Authorization", "Bearer x"}}};
  std::vector<std::shared_ptr<WsConnection>> opened_;
  std::optional<HttpServer> server_;
};

TEST_F(WsClientTest, TalksAndIsClosed) {
  auto listener = std::make_shared<Listener>();
  listener->expected = 2;
  const auto connection = connect(listener);
  ASSERT_TRUE(connection) << connection.error().detail;
  send(connection.value(), "한글");
  send(connection.value(), std::string(60'000, 'x'));
  listener->all.get_future().get();
  EXPECT_EQ(listener->seen, "한글" + std::string(60'000, 'x'));
  send(connection.value(), "bye");
  EXPECT_EQ(listener->closed.get_future().get(), 4001);
}

TEST_F(WsClientTest, Closes) {
  auto listener = std::make_shared<Listener>();
  const auto connection = connect(listener).value();
  connection->post([connection] { connection->close(close_code::kNormal); });
  EXPECT_EQ(listener->closed.get_future().get(), close_code::kNormal);
  while (server_->connections() != 0) std::this_thread::yield();
}

TEST_F(WsClientTest, TellsWhyItWasRefused) {
  target_.headers = {};
  const auto refused = connect(std::make_shared<Listener>());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated);
  server_.reset();
  const auto gone = connect(std::make_shared<Listener>());
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::upstream_unavailable);
}

TEST_F(WsClientTest, ManyAtOnce) {
  constexpr int kMany = 400;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::shared_ptr<WsConnection>> connections;
  for (int i = 0; i < kMany; ++i) {
    listeners.push_back(std::make_shared<Listener>());
    const auto connection = connect(listeners.back(), static_cast<std::size_t>(i % 2));
    ASSERT_TRUE(connection) << connection.error().detail;
    connections.push_back(connection.value());
  }
  EXPECT_EQ(server_->connections(), kMany);
  for (int i = 0; i < kMany; ++i) send(connections[static_cast<std::size_t>(i)], std::to_string(i));
  for (int i = 0; i < kMany; ++i) {
    auto& listener = *listeners[static_cast<std::size_t>(i)];
    listener.all.get_future().get();
    EXPECT_EQ(listener.seen, std::to_string(i));
  }
}

}  // namespace
}  // namespace respring::net
