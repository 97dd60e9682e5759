#include "net/router.h"

#include <gtest/gtest.h>

#include "async/io_pool.h"
#include "async/run.h"

namespace respring::net {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() { pool_.start(); }

  void route(Method method, const std::string& pattern) {
    router_.add(method, pattern,
                [pattern](Request&, const PathParams& params) { return answer(pattern, params); });
  }

  static Task<Response> answer(std::string pattern, PathParams params) {
    Response response = json_response(200, std::move(pattern));
    for (std::size_t i = 0; i < params.size(); ++i) response.body += "|" + params[i];
    co_return response;
  }

  Response ask(Method method, std::string target) {
    Request request;
    request.method = method;
    request.target = std::move(target);
    split_target(request);
    return async::block_on(pool_.at(0).get_executor(), router_.handle(request));
  }

  async::IoPool pool_{1};
  Router router_;
};

TEST_F(RouterTest, FindsTheRoute) {
  route(Method::get, "/v1/users/me");
  route(Method::get, "/v1/users/{user}");
  route(Method::get, "/v1/users/{user}/rooms/{room}");
  route(Method::put, "/v1/users/me/blocks/{user}");
  EXPECT_EQ(ask(Method::get, "/v1/users/me").body, "/v1/users/me");
  EXPECT_EQ(ask(Method::get, "/v1/users/7?x=1").body, "/v1/users/{user}|7");
  EXPECT_EQ(ask(Method::get, "/v1/users/me/rooms/2").body, "/v1/users/{user}/rooms/{room}|me|2");
  EXPECT_EQ(ask(Method::put, "/v1/users/me/blocks/%F0%9F%91%8D").body,
            "/v1/users/me/blocks/{user}|👍");
  EXPECT_EQ(ask(Method::head, "/v1/users/me").status, 200) << "HEAD is served by GET";
}

TEST_F(RouterTest, SaysNotFoundAndNotAllowed) {
  route(Method::get, "/v1/rooms/{room}");
  route(Method::patch, "/v1/rooms/{room}");
  for (const char* target : {"/", "/v1", "/v1/rooms", "/v1/rooms/", "/v1/rooms/1/", "/v1//rooms/1"})
    EXPECT_EQ(ask(Method::get, target).status, 404) << target;
  const Response refused = ask(Method::delete_, "/v1/rooms/1");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.find("allow"), "GET, HEAD, PATCH");
  EXPECT_TRUE(router_.knows("/v1/rooms/9"));
  EXPECT_FALSE(router_.knows("/v1/rooms"));
  EXPECT_EQ(router_.pattern_of(Method::patch, "/v1/rooms/9"), "/v1/rooms/{room}");
  EXPECT_EQ(router_.pattern_of(Method::put, "/v1/rooms/9"), "");
}

TEST_F(RouterTest, AnErrorBecomesAProblem) {
  router_.add(Method::get, "/fails", [](Request&, const PathParams&) -> Task<Result<Response>> {
    co_return forbidden("no");
  });
  router_.add(Method::get, "/works", [](Request&, const PathParams&) -> Task<Result<Response>> {
    co_return no_content();
  });
  EXPECT_EQ(ask(Method::get, "/fails").status, 403);
  EXPECT_EQ(ask(Method::get, "/works").status, 204);
}

TEST_F(RouterTest, RefusesARouteGivenTwice) {
  route(Method::get, "/v1/rooms/{room}");
  EXPECT_THROW(route(Method::get, "/v1/rooms/{other}"), std::logic_error);
}

TEST_F(RouterTest, ListsItsRoutesInOrder) {
  route(Method::post, "/v1/rooms");
  route(Method::get, "/v1/rooms/{room}");
  const std::vector<RouteInfo> expected = {{Method::post, "/v1/rooms"},
                                           {Method::get, "/v1/rooms/{room}"}};
  EXPECT_EQ(router_.routes(), expected);
}

TEST_F(RouterTest, NamesItsParameters) {
  router_.add(
      Method::get, "/r/{room}/m/{seq}", [](Request&, const PathParams& params) -> Task<Response> {
        Response response;
        response.status =
            params.id<RoomId>("room") == RoomId{5} && params["seq"] == "x" && params["none"].empty()
                ? 200
                : 500;
        co_return response;
      });
  EXPECT_EQ(ask(Method::get, "/r/5/m/x").status, 200);
}

}  // namespace
}  // namespace respring::net
