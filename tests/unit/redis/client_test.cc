#include "redis/client.h"

#include <gtest/gtest.h>

#include "contract/redis_server.h"

namespace respring::redis {
namespace {

using testing::own_redis;
using testing::redis_options;
using testing::Waiting;
using Clock = std::chrono::steady_clock;

class RedisClient : public ::testing::Test {
 protected:
  Result<Reply> ask(Client& client, std::vector<std::string> words) {
    return wait(client.call(std::move(words)));
  }
  bool becomes(Client& client, health::State state) {
    const auto end = Clock::now() + std::chrono::seconds(20);
    while (client.status().state != state && Clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return client.status().state == state;
  }
  /// Tries until it is answered.
  bool answers(Client& client) {
    const auto end = Clock::now() + std::chrono::seconds(20);
    while (!ask(client, {"PING"}) && Clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return static_cast<bool>(ask(client, {"PING"}));
  }
  Waiting wait;
};

TEST_F(RedisClient, AnswersComeToWhoAsked) {
  Client client(redis_options(own_redis()));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&client, t] {
      Waiting mine;
      for (int i = 0; i < 200; ++i) {
        const std::string text = std::to_string(t) + "/" + std::to_string(i);
        std::vector<std::string> words = {"ECHO", text};
        const auto reply = mine(client.call(std::move(words)));
        ASSERT_TRUE(reply) << reply.error().detail;
        ASSERT_EQ(reply.value().text, text);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(RedisClient, ManyCommandsAreUnderWayAtOnce) {
  Client client(redis_options(own_redis()));
  std::atomic<int> right{0};
  std::atomic<int> done{0};
  for (int i = 0; i < 5000; ++i) {
    const std::string text = std::to_string(i);
    const std::string_view words[] = {"ECHO", text};
    client.send(words, [&right, &done, text](Result<Reply> reply) {
      if (reply && reply.value().text == text) ++right;
      if (++done == 5000) done.notify_all();
    });
  }
  for (int seen = done; seen < 5000; seen = done) done.wait(seen);
  EXPECT_EQ(right, 5000);
}

TEST_F(RedisClient, AnErrorOfTheServerDisturbsNobodyElse) {
  Client client(redis_options(own_redis()));
  const auto wrong = ask(client, {"NO-SUCH-COMMAND", "hunter2"});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong.value().error_code(), "ERR");
  const auto error = answer_of(wrong);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().detail.find("hunter2"), std::string::npos);
  EXPECT_EQ(ask(client, {"ECHO", "x"}).value().text, "x");
}

TEST_F(RedisClient, TheQueueHasAnEnd) {
  testing::stack::PrivateServer server("redis");
  auto options = redis_options(server);
  options.max_queued_commands = 10;
  Client client(options);
  ASSERT_TRUE(answers(client));
  server.pause();
  std::atomic<int> refused{0};
  std::atomic<int> done{0};
  for (int i = 0; i < 25; ++i) {
    const std::string_view ping = "PING";
    client.send(std::span(&ping, 1), [&](Result<Reply> reply) {
      if (!reply && reply.error().code == ErrorCode::overloaded) ++refused;
      ++done;
      done.notify_all();
    });
  }
  EXPECT_EQ(refused, 15);
  server.resume();
  for (int seen = done; seen < 25; seen = done) done.wait(seen);
  EXPECT_EQ(refused, 15);
}

TEST_F(RedisClient, ASilentServerCostsOneTimeoutThenNothing) {
  testing::stack::PrivateServer server("redis");
  auto options = redis_options(server);
  options.command_timeout = std::chrono::milliseconds(300);
  options.connect_timeout = std::chrono::milliseconds(300);
  options.longest_backoff = std::chrono::minutes(1);  // of one node that is not lucky
  options.first_backoff = std::chrono::minutes(1);
  Client client(options);
  ASSERT_TRUE(answers(client));
  server.pause();
  const auto late = ask(client, {"PING"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::upstream_unavailable);
  EXPECT_NE(late.error().detail.find("no answer in time"), std::string::npos);
  ASSERT_FALSE(ask(client, {"PING"})) << "the attempt that followed";
  const auto begin = Clock::now();
  for (int i = 0; i < 1000; ++i) {
    const std::string_view ping = "PING";
    client.send(std::span(&ping, 1), [](const Result<Reply>& reply) { EXPECT_FALSE(reply); });
  }
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
  server.resume();
}

TEST_F(RedisClient, AKilledServerFailsWhatIsUnderWayAndIsFoundAgain) {
  testing::stack::PrivateServer server("redis");
  Client client(redis_options(server));
  ASSERT_TRUE(answers(client));
  for (int round = 0; round < 2; ++round) {
    server.pause();
    std::atomic<int> failed{0};
    std::atomic<int> done{0};
    for (int i = 0; i < 50; ++i) {
      const std::string_view ping = "PING";
      client.send(std::span(&ping, 1), [&](Result<Reply> reply) {
        if (!reply && reply.error().code == ErrorCode::upstream_unavailable) ++failed;
        ++done;
        done.notify_all();
      });
    }
    server.kill();
    for (int seen = done; seen < 50; seen = done) done.wait(seen);
    EXPECT_EQ(failed, 50);
    EXPECT_TRUE(becomes(client, health::State::degraded));
    server.start();
    EXPECT_TRUE(answers(client));
    EXPECT_TRUE(becomes(client, health::State::ok));
  }
}

TEST_F(RedisClient, AnIdleConnectionThatDiedIsNoticed) {
  testing::stack::PrivateServer server("redis");
  auto options = redis_options(server);
  options.ping_after = options.command_timeout = options.connect_timeout =
      std::chrono::milliseconds(200);
  Client client(options);
  ASSERT_TRUE(answers(client));
  server.pause();
  EXPECT_TRUE(becomes(client, health::State::degraded)) << "nobody asked it anything";
  server.resume();
  EXPECT_TRUE(becomes(client, health::State::ok));
}

TEST_F(RedisClient, SaysWhyItCannotLogIn) {
  testing::stack::PrivateServer server("redis");
  {
    Client setup(redis_options(server));
    ASSERT_TRUE(ask(setup, {"ACL", "SETUSER", "anna", "on", ">hunter2", "~*", "&*", "+@all"}));
    ASSERT_TRUE(ask(setup, {"CONFIG", "SET", "requirepass", "secret1"}));
  }
  auto options = redis_options(server);
  const auto reason = [&](std::string user, std::string password, int database) {
    options.address.user = std::move(user);
    options.address.password = Secret<std::string>(std::move(password));
    options.address.database = database;
    Client client(options);
    const auto reply = ask(client, {"PING"});
    return reply ? std::string("welcome") : reply.error().detail;
  };
  EXPECT_EQ(reason("anna", "hunter2", 0), "welcome");
  EXPECT_EQ(reason("", "secret1", 3), "welcome");
  const std::string where = options.address.str().substr(0, options.address.str().rfind('/'));
  EXPECT_EQ(reason("anna", "secret1", 0),
            where + "/0: it refuses the user or password (WRONGPASS)");
  EXPECT_EQ(reason("", "hunter2", 0), where + "/0: it refuses the password (WRONGPASS)");
  EXPECT_EQ(reason("", "", 0), where + "/0: it wants a password, and the URL has none");
  EXPECT_EQ(reason("", "secret1", 99), where + "/99: it refuses database 99 (ERR)");
}

/// Lets everybody log in, and then hangs up.
class HangingUp {
 public:
  HangingUp() : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~HangingUp() {
    loop_.stop();
    thread_.join();
  }
  HangingUp(const HangingUp&) = delete;
  HangingUp& operator=(const HangingUp&) = delete;
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int guests() const { return guests_; }

 private:
  void accept() {
    acceptor_.async_accept(
        [this](const boost::system::error_code& error, asio::ip::tcp::socket socket) {
          if (error) return;
          ++guests_;
          boost::system::error_code ignored;
          asio::write(socket, asio::buffer("+OK\r\n+PONG\r\n", 12), ignored);
          socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
          gone_.push_back(std::move(socket));  // a close now could overtake the answers
          accept();
        });
  }
  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<asio::ip::tcp::socket> gone_;
  std::atomic<int> guests_{0};
  std::thread thread_;
};

TEST_F(RedisClient, AConnectionThatBreaksAtOnceIsNotMadeAgainAtOnce) {
  HangingUp server;
  auto options = redis_options(own_redis());
  options.address.port = server.port();
  options.first_backoff = std::chrono::milliseconds(100);
  Client client(options);
  const auto end = Clock::now() + std::chrono::seconds(20);
  while (server.guests() < 4 && Clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto begin = Clock::now();
  const int before = server.guests();
  while (server.guests() < before + 2 && Clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(300)) << "the pauses grow";
}

TEST_F(RedisClient, WhoWaitsAtTheEndIsTold) {
  testing::stack::PrivateServer server("redis");
  std::optional<Client> client(redis_options(server));
  ASSERT_TRUE(answers(*client));
  server.pause();
  std::atomic<bool> told{false};
  const std::string_view ping = "PING";
  client->send(std::span(&ping, 1), [&](const Result<Reply>& reply) { told = !reply; });
  client.reset();
  EXPECT_TRUE(told);
  server.resume();
}

}  // namespace
}  // namespace respring::redis
