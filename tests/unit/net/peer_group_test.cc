#include "net/peer_group.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <optional>
#include <thread>

#include "async/completion.h"
#include "async/run.h"
#include "net/http_server.h"
#include "net/problem.h"
#include "net/role_answer.h"

namespace respring::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

Task<Response> answer_at_once(Request&) {
  Response response = json_response(200, "{}");
  response.headers.add(std::string(kAnswerHeader), "1");
  co_return response;
}
Task<Response> turn_away(Request& request) {
  const Error stranger{ErrorCode::unauthenticated, "the identity is from the future", {}, {}};
  co_return problem_response(stranger, request);
}

ClientRequest write_request() {
  ClientRequest request;
  request.method = Method::post;
  request.idempotent = false;
  request.body = "{}";
  request.content_type = "application/json";
  return request;
}

/// Two nodes of a role, which may be stopped and started again at the same ports.
class PeerGroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    pool_.start();
    for (int node = 0; node < 2; ++node) {
      start(node);
      HttpClientOptions address;
      address.port = ports_[static_cast<std::size_t>(node)];
      options_.nodes.push_back(address);
    }
    options_.name = "test";
    group_.emplace(options_);
  }
  void TearDown() override {
    group_.reset();
    for (auto& server : servers_) server.reset();
  }

  void start(int node, RequestHook handler = answer_at_once) {
    const auto at = static_cast<std::size_t>(node);
    HttpServerOptions options;
    options.port = ports_[at];
    options.sweep = milliseconds(10);
    options.linger = milliseconds(50);
    servers_[at].emplace(pool_, options, std::move(handler));
    ASSERT_TRUE(servers_[at]->start());
    ports_[at] = servers_[at]->port();
  }
  void stop(int node) { EXPECT_TRUE(servers_[static_cast<std::size_t>(node)]->stop(seconds(10))); }

  Result<ClientResponse> call(ClientRequest request) {
    return async::block_on(pool_.at(0).get_executor(),
                           group_->call(std::move(request), Clock::now() + seconds(5)));
  }

  /// Writes, now and then with a pause, until it is over.
  Task<void> write_on(int turn) {
    while (!over_) {
      const auto answer = co_await group_->call(write_request(), Clock::now() + seconds(5));
      if (answer && answer.value().status == 200) {
        ++written_;
      } else if (failures_++ == 0) {
        failed_ = answer ? std::to_string(answer.value().status) : answer.error().detail;
      }
      const auto pause = std::chrono::microseconds(100 * (++turn % 7));
      co_await async::sleep_for(pause);
    }
  }

  async::IoPool pool_{2};
  std::array<std::uint16_t, 2> ports_{};
  std::array<std::optional<HttpServer>, 2> servers_;
  PeerGroupOptions options_;
  std::optional<PeerGroup> group_;
  std::atomic<bool> over_{false};
  std::atomic<int> written_{0};
  std::atomic<int> failures_{0};
  std::string failed_;  ///< the first of them
};

TEST_F(PeerGroupTest, NodesThatLeaveInGoodOrderFailNoWrite) {
  async::TaskGroup writers;
  for (int i = 0; i < 16; ++i)
    writers.spawn(pool_.at(static_cast<std::size_t>(i % 2)).get_executor(), write_on(i));
  for (int round = 0; round < 60; ++round) {
    const int before = written_;
    while (written_ < before + 100 && failures_ == 0) std::this_thread::yield();
    stop(round % 2);
    start(round % 2);
  }
  over_ = true;
  writers.wait();
  EXPECT_EQ(failures_, 0) << failed_;
}

TEST_F(PeerGroupTest, ANodeThatIsBackIsAskedAtOnceWhenTheOtherLeaves) {
  stop(0);
  while (group_->awake() == 2) EXPECT_TRUE(call(write_request()));
  start(0);
  stop(1);
  const auto answer = call(write_request());
  EXPECT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(group_->awake(), 2U);
}

TEST_F(PeerGroupTest, WhoIsTurnedAwayAsksAnotherNode) {
  stop(0);
  start(0, turn_away);
  for (int i = 0; i < 20; ++i) {
    const auto answer = call(write_request());
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer.value().status, 200);
  }
  EXPECT_EQ(group_->awake(), 1U) << "it is asked less often";
}

TEST_F(PeerGroupTest, ThatNobodyBelievesWhoAsksIsAFault) {
  for (const int node : {0, 1}) {
    stop(node);
    start(node, turn_away);
  }
  const auto answer = call(write_request());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::upstream_unavailable);
  EXPECT_EQ(answer.error().detail, "not the role's answer: 401");
}

TEST_F(PeerGroupTest, WhenNobodyIsThereNothingWasSent) {
  stop(0);
  stop(1);
  for (int i = 0; i < 20; ++i) {
    const auto answer = call(write_request());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::overloaded);
  }
  EXPECT_EQ(group_->awake(), 0U);
}

}  // namespace
}  // namespace respring::net
