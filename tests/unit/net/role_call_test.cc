#include "net/role_call.h"

#include <gtest/gtest.h>

#include "async/completion.h"
#include "async/run.h"
#include "net/http_server.h"

namespace respring::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What the role of these tests does.
Task<Result<std::string>> echo(RoleCall& call) {
  const std::string text = call.fields.text("text").value_or(std::string());
  RESPRING_CO_TRYV(call.understood());
  json::Writer w;
  w.begin_object().field("text", text).end_object();
  co_return w.take();
}
Task<Result<std::string>> refuse(RoleCall&) {
  co_return Error{ErrorCode::slot_moving, "잠시만", {{"room", "moving"}}, milliseconds(1250)};
}
Task<Result<std::string>> break_down(RoleCall&) { co_return internal("the disk is on fire"); }
Task<Result<std::string>> remaining(RoleCall& call) {
  const auto left = call.deadline - std::chrono::steady_clock::now();
  json::Writer w;
  w.value(std::int64_t{std::chrono::duration_cast<milliseconds>(left).count()});
  co_return w.take();
}
Task<Result<std::string>> dawdle(RoleCall&) {
  co_await async::sleep_for(milliseconds(200));
  co_return std::string("{}");
}

class RoleCallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    add_role_call(router, "/internal/test/echo", seal, echo);
    add_role_call(router, "/internal/test/refuse", seal, refuse);
    add_role_call(router, "/internal/test/break", seal, break_down);
    add_role_call(router, "/internal/test/remaining", seal, remaining);
    add_role_call(router, "/internal/test/dawdle", seal, dawdle);
    pool.start();
    HttpServerOptions options;
    options.handle_timeout = seconds(20);
    server.emplace(pool, options, [this](Request& request) { return router.handle(request); });
    ASSERT_TRUE(server->start());
    HttpClientOptions to_server;
    to_server.port = server->port();
    http.emplace(to_server);
  }
  void TearDown() override {
    http.reset();
    server.reset();
  }

  Result<json::Value> call(const std::string& name, const std::string& body = "{}",
                           Deadline deadline = Deadline::max()) {
    return call(RoleClient(*http, seal), name, body, deadline);
  }
  Result<json::Value> call(const RoleClient& client, const std::string& name,
                           const std::string& body, Deadline deadline = Deadline::max()) {
    const std::string path = "/internal/test/" + name;
    return async::block_on(pool.at(0).get_executor(),
                           client.call(path, body, RoleClient::Repeat::allowed, deadline));
  }
  ErrorCode error_of(const Result<json::Value>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::method_not_allowed : result.error().code;
  }

  async::IoPool pool{2};
  SystemClock clock;
  IdentitySeal seal{IdentityKeys{{1}, {}}, clock};
  Router router;
  std::optional<HttpServer> server;
  std::optional<HttpClient> http;
};

TEST_F(RoleCallTest, AnswersWithTheRolesWord) {
  const auto answer = call("echo", R"({"text":"안녕"})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer.value().string_or("text"), "안녕");
}

TEST_F(RoleCallTest, ErrorsComeBackInFull) {
  const auto answer = call("refuse");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::slot_moving);
  EXPECT_EQ(answer.error().detail, "잠시만");
  EXPECT_EQ(answer.error().fields, (std::vector<FieldError>{{"room", "moving"}}));
  EXPECT_EQ(answer.error().retry_after, milliseconds(1250));
  EXPECT_EQ(call("break").error().detail, "the disk is on fire");  // for the caller's log
}

TEST_F(RoleCallTest, WhatIsNotTheRolesWordIsNotBelieved) {
  EXPECT_EQ(error_of(call("unknown")), ErrorCode::upstream_unavailable);  // a 404, but not its own
  const IdentitySeal other(IdentityKeys{{2}, {}}, clock);
  EXPECT_EQ(error_of(call(RoleClient(*http, other), "echo", "{}")),
            ErrorCode::upstream_unavailable);
  EXPECT_EQ(error_of(call("echo", "nonsense")), ErrorCode::upstream_unavailable);
}

TEST_F(RoleCallTest, ACallOfAnotherVersionIsNobodysMistake) {
  EXPECT_EQ(error_of(call("echo", R"({"text":"a","colour":"blue"})")), ErrorCode::internal);
  EXPECT_EQ(error_of(call("echo", "{}")), ErrorCode::internal);
}

TEST_F(RoleCallTest, TheDeadlineTravels) {
  const auto left = call("remaining", "{}", std::chrono::steady_clock::now() + seconds(5));
  ASSERT_TRUE(left);
  EXPECT_GT(*left.value().as_int(), 3000);
  EXPECT_LE(*left.value().as_int(), 5000);
}

TEST_F(RoleCallTest, ALostAnswerIsSaidToBeOne) {
  const auto soon = std::chrono::steady_clock::now() + milliseconds(50);
  EXPECT_EQ(error_of(call("dawdle", "{}", soon)), ErrorCode::upstream_unavailable);
  EXPECT_EQ(error_of(call(RoleClient(*http, seal, milliseconds(50)), "dawdle", "{}")),
            ErrorCode::upstream_unavailable);
  server.reset();
  EXPECT_EQ(error_of(call("echo", R"({"text":"a"})")), ErrorCode::upstream_unavailable);
}

TEST(RoleError, ReadsOnlyErrors) {
  for (const char* text : {"{}", "[]", "null", R"({"code":"nonsense"})", R"({"code":7})",
                           R"({"code":"internal","detail":1})"}) {
    EXPECT_FALSE(read_error(json::parse(text).value())) << text;
  }
}

}  // namespace
}  // namespace respring::net
