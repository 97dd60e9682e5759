#include "net/forwarding.h"

#include <gtest/gtest.h>

#include "async/io_pool.h"
#include "async/run.h"
#include "net/http_server.h"

// A request on its way through the gateway to a role in another process, and back.
namespace respring::net {
namespace {

constexpr std::size_t kPieces = 1000;

IdentityKeys::Key some_key() {
  IdentityKeys::Key key;
  key.fill(7);
  return key;
}

class Forwarding : public ::testing::Test {
 protected:
  void SetUp() override {
    pool_.start();
    server_.emplace(pool_, HttpServerOptions{},
                    [this](Request& request) { return answer(request, seal_); });
    ASSERT_TRUE(server_->start());
  }

  static Task<Response> answer(Request& request, const IdentitySeal& seal) {
    Response response;
    const auto taken = take_forwarded(request, seal);
    if (!taken) response.status = 401;
    if (taken) response.stream = pieces();
    mark_answer(response);
    co_return response;
  }
  static std::function<Task<Result<std::optional<std::string>>>()> pieces() {
    const auto left = std::make_shared<std::size_t>(kPieces);
    return [left] { return next(*left); };
  }
  static Task<Result<std::optional<std::string>>> next(std::size_t& left) {
    if (left == 0) co_return std::optional<std::string>();
    --left;
    co_return std::optional<std::string>("말\n");
  }

  /// What a client of the gateway would get.
  static Task<Result<std::string>> through(HttpClient& role, const IdentitySeal& seal) {
    Request request;
    request.target = "/v1/users/me/export";
    split_target(request);
    request.principal = Principal{UserId{4711}, SessionId{815}};
    request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    auto forwarded_request = forwarded(request, seal);
    RESPRING_CO_TRY(auto answer,
                    co_await role.call(std::move(forwarded_request), request.deadline));
    RESPRING_CO_TRY(const Response response, answer_from(std::move(answer)));
    std::string text = std::to_string(response.status) + " " + response.body;
    while (response.stream) {
      RESPRING_CO_TRY(const auto piece, co_await response.stream());
      if (!piece) break;
      text += *piece;
    }
    co_return text;
  }

  SystemClock clock_;
  IdentitySeal seal_{{some_key(), {}}, clock_};
  async::IoPool pool_{1};
  std::optional<HttpServer> server_;
};

TEST_F(Forwarding, AnAnswerInPiecesPassesWhateverItsLength) {
  HttpClient role({.port = server_->port(), .max_body = 100});
  const auto got = async::block_on(pool_.at(0).get_executor(), through(role, seal_));
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got.value().substr(0, 8), "200 말\n");
  EXPECT_EQ(got.value().size(), 4 + kPieces * 4);
}

}  // namespace
}  // namespace respring::net
