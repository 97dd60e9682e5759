#include "net/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "async/completion.h"
#include "async/run.h"
#include "net/http_server.h"

namespace respring::net {
namespace {

using std::chrono::milliseconds;

class HttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    pool_.start();
    server_options_.sweep = milliseconds(10);
    start_server();
  }
  void TearDown() override {
    client_.reset();
    server_.reset();
  }

  void start_server() {
    auto answer = [this](Request& request) { return answer_request(request, calls_, running_); };
    server_.emplace(pool_, server_options_, answer);
    ASSERT_TRUE(server_->start());
    server_options_.port = server_->port();
    options_.port = server_->port();
    if (!client_) client_.emplace(options_);
  }

  static Task<Response> answer_request(Request& request, std::atomic<int>& calls,
                                       std::atomic<int>& running) {
    ++calls;
    ++running;
    if (request.path == "/slow") co_await async::sleep_for(milliseconds(100));
    --running;
    Response response = json_response(
        200, std::string(name_of(request.method)) + " " + request.target + " " + request.body);
    response.headers.add("X-Seen", std::string(request.headers.find("x-mine").value_or("")));
    if (request.path == "/large") response.body = std::string(9'000'000, 'x');
    if (request.path.starts_with("/stream")) {
      auto left = std::make_shared<int>(request.path == "/stream/1000" ? 1000 : 2);
      response.stream = [left, breaks = request.path == "/stream/broken"] {
        return next(left, breaks);
      };
    }
    if (request.path == "/close") response.close = true;
    co_return response;
  }
  static Task<Result<std::optional<std::string>>> next(std::shared_ptr<int> left, bool breaks) {
    if (breaks && *left == 1) co_return internal("in the middle");
    if ((*left)-- == 0) co_return std::optional<std::string>();
    co_return std::optional<std::string>("piece ");
  }

  static Task<void> one_call(HttpClient& client, std::atomic<int>& good) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    ClientRequest request;
    request.target = "/slow";
    const auto answer = co_await client.call(std::move(request), deadline);
    if (answer) ++good;
  }

  /// The pieces of a streamed answer together.
  static Task<Result<std::string>> read_all(HttpClient& client, ClientRequest request) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    RESPRING_CO_TRY(auto answer, co_await client.call(std::move(request), deadline));
    EXPECT_TRUE(answer.stream);
    std::string whole;
    while (answer.stream) {
      RESPRING_CO_TRY(const auto piece, co_await answer.stream());
      if (!piece) break;
      whole += *piece;
    }
    co_return whole;
  }

  Result<ClientResponse> call(ClientRequest request, milliseconds patience = milliseconds(5000)) {
    return async::block_on(
        pool_.at(0).get_executor(),
        client_->call(std::move(request), std::chrono::steady_clock::now() + patience));
  }

  async::IoPool pool_{2};
  HttpServerOptions server_options_;
  HttpClientOptions options_;
  std::atomic<int> calls_{0};
  std::atomic<int> running_{0};
  std::optional<HttpServer> server_;
  std::optional<HttpClient> client_;
};

TEST_F(HttpClientTest, CallsAndKeepsItsConnection) {
  for (int i = 0; i < 3; ++i) {
    ClientRequest request{Method::post, "/a?b=c", {{"X-Mine", "1"}}, "body", "text/plain", {}};
    const auto answer = call(request);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer.value().status, 200);
    EXPECT_EQ(answer.value().body, "POST /a?b=c body");
    EXPECT_EQ(answer.value().headers.find("x-seen"), "1");
  }
  EXPECT_EQ(server_->connections(), 1U);
  EXPECT_EQ(client_->idle_connections(), 1U);
}

TEST_F(HttpClientTest, UnderstandsEveryKindOfAnswer) {
  EXPECT_EQ(call({Method::head, "/x", {}, {}, {}, {}}).value().body, "");
  EXPECT_EQ(call({Method::get, "/stream", {}, {}, {}, {}}).value().body, "piece piece ");
  EXPECT_EQ(client_->idle_connections(), 1U);
  EXPECT_EQ(call({Method::get, "/close", {}, {}, {}, {}}).value().status, 200);
  EXPECT_EQ(client_->idle_connections(), 0U);
}

TEST_F(HttpClientTest, RefusesWhatIsTooLarge) {
  const auto answer = call({Method::get, "/large", {}, {}, {}, {}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::upstream_unavailable);
}

TEST_F(HttpClientTest, EndsAtItsDeadline) {
  const auto answer = call({Method::get, "/slow", {}, {}, {}, {}}, milliseconds(20));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::upstream_unavailable);
  EXPECT_NE(answer.error().detail.find("in time"), std::string::npos);
  EXPECT_EQ(client_->idle_connections(), 0U) << "the late answer must not meet the next call";
}

TEST_F(HttpClientTest, SaysWhenNobodyListens) {
  server_.reset();
  const auto answer = call({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::upstream_unavailable);
}

TEST_F(HttpClientTest, ReplacesAConnectionThatTheServerClosed) {
  EXPECT_TRUE(call({}));
  server_.reset();
  start_server();
  for (const Method method : {Method::get, Method::post})
    EXPECT_TRUE(call({method, "/", {}, {}, {}, {}})) << name_of(method);
}

TEST_F(HttpClientTest, KeepsNoConnectionForever) {
  options_.max_age = milliseconds(90);
  client_.emplace(options_);
  EXPECT_TRUE(call({Method::get, "/slow", {}, {}, {}, {}}));  // takes longer than that
  EXPECT_EQ(client_->idle_connections(), 0U);
  options_.max_age = milliseconds(60'000);
  client_.emplace(options_);
  EXPECT_TRUE(call({Method::get, "/slow", {}, {}, {}, {}}));
  EXPECT_EQ(client_->idle_connections(), 1U);
}

TEST_F(HttpClientTest, NeverUsesMoreConnectionsThanAllowed) {
  options_.max_connections = 2;
  client_.emplace(options_);
  std::atomic<int> good{0};
  {
    async::TaskGroup group;
    for (std::size_t i = 0; i < 10; ++i)
      group.spawn(pool_.at(i % 2).get_executor(), one_call(*client_, good));
  }
  EXPECT_EQ(good, 10);
  EXPECT_LE(server_->connections(), 2U);
}

TEST_F(HttpClientTest, BoundsThoseWhoWait) {
  options_.max_connections = 1;
  options_.max_waiting = 1;
  client_.emplace(options_);
  std::atomic<int> good{0};
  {
    async::TaskGroup group;
    for (int i = 0; i < 5; ++i) group.spawn(pool_.at(0).get_executor(), one_call(*client_, good));
  }
  EXPECT_EQ(good, 2) << "one at work, one waiting, the others refused at once";
}

TEST_F(HttpClientTest, RefusesToBreakItsOwnRequest) {
  EXPECT_FALSE(call({Method::get, "/a\r\nX: y", {}, {}, {}, {}}));
  EXPECT_FALSE(call({Method::get, "/", {{"x", "a\r\nb: c"}}, {}, {}, {}}));
  EXPECT_EQ(calls_, 0);
}

TEST_F(HttpClientTest, AStreamOfAnyLengthComesInPiecesAndLeavesTheConnectionForTheNextCall) {
  client_.reset();
  options_.max_body = 100;
  client_.emplace(options_);
  ClientRequest request;
  request.target = "/stream/1000";
  request.streamed = true;
  const auto whole = async::block_on(pool_.at(0).get_executor(), read_all(*client_, request));
  ASSERT_TRUE(whole) << whole.error().detail;
  EXPECT_EQ(whole.value().size(), 6'000U);
  EXPECT_EQ(client_->idle_connections(), 1U);
  request.streamed = false;
  EXPECT_FALSE(call(request)) << "buffered answers keep their limit";
}

TEST_F(HttpClientTest, AStreamThatBreaksOffIsNoWholeAnswer) {
  ClientRequest request;
  request.target = "/stream/broken";
  request.streamed = true;
  const auto whole = async::block_on(pool_.at(0).get_executor(), read_all(*client_, request));
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code, ErrorCode::upstream_unavailable);
  EXPECT_EQ(client_->idle_connections(), 0U);
}

TEST_F(HttpClientTest, AStreamNobodyReadsToItsEndGivesItsPlaceBack) {
  client_.reset();
  options_.max_connections = 1;
  client_.emplace(options_);
  ClientRequest request;
  request.target = "/stream/1000";
  request.streamed = true;
  for (int i = 0; i < 3; ++i) {
    const auto head = call(request);
    ASSERT_TRUE(head) << head.error().detail;
    EXPECT_EQ(head.value().status, 200);
  }
}

}  // namespace
}  // namespace respring::net
