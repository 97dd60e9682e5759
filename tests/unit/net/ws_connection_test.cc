// Live WebSockets over real loopback sockets, from the first byte of the handshake on.

#include "net/ws_connection.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "net/http_server.h"
#include "raw_client.h"

namespace respring::net {
namespace {

using std::chrono::milliseconds;
using test::RawClient;

const std::string kHandshake =
    "GET /v1/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: respring.v1\r\n";

/// Echoes; obeys a few words; remembers how it ended.
class Echo : public WsHandler {
 public:
  void on_message(std::string_view text) override {
    if (text == "close") return connection->close(4003, "revoked");
    if (text == "cut") return connection->cut();
    if (text == "pause") connection->pause_reading();
    ASSERT_TRUE(connection->send(frame_text(text)));
  }
  void on_closed(std::uint16_t code) override {
    connection.reset();
    closed.set_value(code);
  }

  std::shared_ptr<WsConnection> connection;
  std::promise<std::uint16_t> closed;
};

class WsConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    pool_.start();
    HttpServerOptions options;
    options.sweep = milliseconds(10);
    auto answer = [](Request&) -> Task<Response> { co_return no_content(); };
    server_.emplace(pool_, options, answer, [this](Request& request) { return decide(request); });
    ASSERT_TRUE(server_->start());
  }
  void TearDown() override { server_.reset(); }

  Task<UpgradeDecision> decide(Request& request) {
    UpgradeDecision decision;
    if (request.headers.has("x-refuse")) {
      decision.refusal = problem_response(forbidden(), request);
    } else {
      decision.take = [this](UpgradedSocket socket) {
        echo_ = std::make_shared<Echo>();
        echo_->connection = WsConnection::start(std::move(socket), WsRole::server, options_, echo_);
        started_.set_value();
      };
    }
    co_return decision;
  }

  /// A client behind its handshake; the server's side is echo_.
  std::unique_ptr<RawClient> connect(int receive_buffer = 0, const std::string& more = {}) {
    auto client = std::make_unique<RawClient>(server_->port(), receive_buffer);
    client->send(kHandshake + "\r\n" + more);
    const auto answer = client->answer(true);
    EXPECT_EQ(answer.status, 101);
    EXPECT_EQ(answer.headers.at("sec-websocket-protocol"), "respring.v1");
    started_.get_future().get();
    return client;
  }

  /// Runs the function on the connection's thread and waits for it.
  template <class F>
  auto on_its_thread(F function) {
    std::promise<decltype(function(*echo_->connection))> done;
    auto connection = echo_->connection;
    connection->post([&] { done.set_value(function(*connection)); });
    return done.get_future().get();
  }

  static std::string text(std::string_view payload) {
    return encode_masked(Opcode::text, payload, 0x1a2b3c4d);
  }
  static std::string closing(std::uint16_t code, std::string_view reason = {}) {
    return encode_frame(Opcode::close, close_body(code, reason));
  }
  std::uint16_t closed_code() { return echo_->closed.get_future().get(); }

  async::IoPool pool_{2};
  std::shared_ptr<WsOptions> options_ = std::make_shared<WsOptions>();
  std::promise<void> started_;
  std::shared_ptr<Echo> echo_;
  std::optional<HttpServer> server_;
};

TEST_F(WsConnectionTest, Echoes) {
  const auto client = connect();
  for (const std::string& payload :
       {std::string("한글"), std::string(), std::string(65'536, 'x')}) {
    client->send(text(payload));
    const std::string frame = *frame_text(payload);
    EXPECT_EQ(client->exactly(frame.size()), frame);
  }
}

TEST_F(WsConnectionTest, TakesWhatCameWithTheHandshake) {
  const auto client = connect(0, text("early") + text("bird"));
  EXPECT_EQ(client->exactly(13), *frame_text("early") + *frame_text("bird"));
}

TEST_F(WsConnectionTest, TheHookMayRefuse) {
  RawClient client(server_->port());
  client.send(kHandshake + "X-Refuse: 1\r\n\r\n");
  EXPECT_EQ(client.answer().status, 403);
  EXPECT_TRUE(client.ended());
  RawClient plain(server_->port());
  plain.send("GET /v1/ws HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(plain.answer().status, 426);
  RawClient old(server_->port());
  std::string handshake = kHandshake;
  old.send(handshake.replace(handshake.find("HTTP/1.1"), 8, "HTTP/1.0") + "\r\n");
  EXPECT_EQ(old.answer().status, 400);
}

TEST_F(WsConnectionTest, AnswersPings) {
  const auto client = connect();
  client->send(encode_masked(Opcode::ping, "data", 7));
  EXPECT_EQ(client->exactly(6), encode_frame(Opcode::pong, "data"));
}

TEST_F(WsConnectionTest, ThePeerCloses) {
  const auto client = connect();
  client->send(encode_masked(Opcode::close, close_body(1001, "bye"), 7));
  EXPECT_EQ(client->rest(), closing(1001));
  EXPECT_EQ(closed_code(), 1001);
  while (server_->connections() != 0) std::this_thread::yield();
}

TEST_F(WsConnectionTest, ThePeerClosesWithoutACode) {
  const auto client = connect();
  client->send(encode_masked(Opcode::close, "", 7));
  EXPECT_EQ(client->rest(), encode_frame(Opcode::close, ""));
  EXPECT_EQ(closed_code(), close_code::kNone);
}

TEST_F(WsConnectionTest, WeClose) {
  const auto client = connect();
  client->send(text("before") + text("close") + text("ignored"));
  EXPECT_EQ(client->exactly(8), *frame_text("before"));
  const std::string frame = closing(4003, "revoked");
  EXPECT_EQ(client->exactly(frame.size()), frame);
  client->send(encode_masked(Opcode::close, close_body(4003, ""), 7));
  EXPECT_EQ(client->rest(), "");
  EXPECT_EQ(closed_code(), 4003);
}

TEST_F(WsConnectionTest, AClosingPeerHasALimit) {
  options_->close_timeout = milliseconds(50);
  const auto client = connect();
  client->send(text("close"));
  EXPECT_EQ(closed_code(), 4003);
}

TEST_F(WsConnectionTest, ABrokenConnectionIs1006) {
  const auto client = connect();
  client->close();
  EXPECT_EQ(closed_code(), close_code::kAbnormal);
}

TEST_F(WsConnectionTest, CutSaysNothing) {
  const auto client = connect();
  client->send(text("cut"));
  EXPECT_EQ(client->rest(), "");
  EXPECT_EQ(closed_code(), close_code::kAbnormal);
}

TEST_F(WsConnectionTest, FaultsCloseWithTheirCode) {
  const auto client = connect();
  client->send(encode_masked(Opcode::binary, "x", 7));
  EXPECT_EQ(client->rest(), closing(1003, "binary message"));
  client->close();
  EXPECT_EQ(closed_code(), 1003);
}

TEST_F(WsConnectionTest, TooManyPingsClose) {
  options_->max_controls = 10;
  const auto client = connect();
  std::string pings;
  for (int i = 0; i < 11; ++i) pings += encode_masked(Opcode::ping, "", 7);
  client->send(pings);
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += encode_frame(Opcode::pong, "");
  EXPECT_EQ(client->rest(), expected + closing(1008, "too many control frames"));
}

TEST_F(WsConnectionTest, PausedReadingKeepsWhatWasRead) {
  const auto client = connect();
  client->send(text("pause") + text("later"));
  EXPECT_EQ(client->exactly(7), *frame_text("pause"));
  on_its_thread([](WsConnection& c) {
    c.send(frame_text("still paused"));
    return 0;
  });
  EXPECT_EQ(client->exactly(14), *frame_text("still paused"));
  on_its_thread([](WsConnection& c) {
    c.resume_reading();
    return 0;
  });
  EXPECT_EQ(client->exactly(7), *frame_text("later"));
}

TEST_F(WsConnectionTest, ASlowReaderIsBoundedAndLosesNothingThatWasTaken) {
  options_->max_queued_bytes = 100'000;
  const auto client = connect(4096);
  const Frame frame = frame_text(std::string(1000, 'x'));
  std::size_t taken = 0;
  bool stalled = false;
  // Turn by turn, so that the kernel's buffers fill first and ours then.
  for (bool room = true; room && taken < 100'000;) {
    room = on_its_thread([&](WsConnection& c) {
      for (int i = 0; i < 20; ++i) {
        if (!c.send(frame)) return false;
        ++taken;
      }
      return true;
    });
  }
  on_its_thread([&](WsConnection& c) {
    EXPECT_LE(c.queued_bytes(), 100'000U);
    EXPECT_GT(c.queued_bytes(), 90'000U);
    EXPECT_FALSE(c.has_room(10'000));
    EXPECT_TRUE(c.is_open());
    stalled = c.stalled_since().has_value();
    return 0;
  });
  EXPECT_TRUE(stalled);
  std::string expected;
  for (std::size_t i = 0; i < taken; ++i) expected += *frame;
  EXPECT_TRUE(client->exactly(expected.size()) == expected);
  while (on_its_thread([](WsConnection& c) { return c.queued_frames(); }) != 0)
    std::this_thread::yield();
  EXPECT_FALSE(on_its_thread([](WsConnection& c) { return c.stalled_since().has_value(); }));
}

TEST_F(WsConnectionTest, AStalledPeerIsClosedInTime) {
  options_->close_timeout = milliseconds(50);
  const auto client = connect(4096);
  const Frame frame = frame_text(std::string(60'000, 'x'));
  while (on_its_thread([&](WsConnection& c) { return c.send(frame); })) {
  }
  on_its_thread([](WsConnection& c) {
    c.close(4009, "too slow");
    EXPECT_LE(c.queued_frames(), 2U) << "what nobody reads is dropped";
    return 0;
  });
  EXPECT_EQ(closed_code(), 4009);
}

TEST_F(WsConnectionTest, ManyFramesOfOneTurnArriveWholeAndInOrder) {
  const auto client = connect();
  on_its_thread([](WsConnection& c) {
    for (int i = 0; i < 500; ++i) EXPECT_TRUE(c.send(frame_text(std::to_string(i))));
    return 0;
  });
  std::string expected;
  for (int i = 0; i < 500; ++i) expected += *frame_text(std::to_string(i));
  EXPECT_EQ(client->exactly(expected.size()), expected);
}

TEST_F(WsConnectionTest, IsSmall) {
  EXPECT_LE(sizeof(WsConnection), 512U) << "an idle connection must stay cheap";
}

}  // namespace
}  // namespace respring::net
