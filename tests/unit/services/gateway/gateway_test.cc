#include <future>

#include "world.h"

namespace respring::gateway {
namespace {

using net::Method;

TEST_F(GatewayTest, SendsARequestToItsRoleWithItsCaller) {
  net::Request r = with_token(Method::get, "/v1/rooms?limit=3");
  r.headers.add("X-Respring-User", "666");
  const auto response = send(r);
  EXPECT_EQ(response.status, 200);
  ASSERT_TRUE(seen && seen->principal);
  EXPECT_EQ(seen->principal->user, UserId{1});
  EXPECT_EQ(seen->principal->session, SessionId{11});
  EXPECT_FALSE(seen->headers.has("x-respring-user")) << "internal headers come from inside only";
  EXPECT_EQ(seen->query.size(), 1u);
  EXPECT_LE(seen->deadline, std::chrono::steady_clock::now() + std::chrono::seconds(10));
}

TEST_F(GatewayTest, GivesEveryAnswerATraceAndSafeHeaders) {
  net::Request r = with_token(Method::get, "/v1/rooms");
  r.headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const auto response = send(r);
  EXPECT_EQ(response.headers.find("x-trace-id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(response.headers.find("x-content-type-options"), "nosniff");
  EXPECT_EQ(response.headers.find("referrer-policy"), "no-referrer");
  EXPECT_EQ(response.headers.find("cache-control"), "no-store");
  EXPECT_EQ(response.headers.find("cross-origin-resource-policy"), "same-origin");
  EXPECT_EQ(response.headers.find("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'");
  EXPECT_FALSE(response.headers.has("strict-transport-security"));
  const auto fresh = send(request(Method::get, "/v1/nothing"));
  EXPECT_EQ(fresh.headers.find("x-trace-id")->size(), 32u);
}

TEST_F(GatewayTest, AsksForStrictTransportWhereThereIsOne) {
  Settings settings;
  settings.public_url = "https://chat.example.org";
  start(settings);
  EXPECT_TRUE(send(request(Method::get, "/")).headers.has("strict-transport-security"));
}

TEST_F(GatewayTest, TellsNothingBeforeALogInButWhatIsNotThere) {
  const auto none = send(request(Method::get, "/v1/rooms"));
  EXPECT_EQ(none.status, 401);
  EXPECT_TRUE(none.headers.find("www-authenticate")->starts_with("Bearer"));
  EXPECT_EQ(send(request(Method::get, "/v1/nothing")).status, 404);
  const auto wrong = send(request(Method::delete_, "/v1/rooms"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_TRUE(wrong.headers.has("allow"));
  EXPECT_FALSE(seen) << "no role was asked";
}

TEST_F(GatewayTest, RefusesWrongCredentialsEvenBesideRightOnes) {
  for (const char* value : {"Bearer bad", "Bearer", "Bearer ", "bearer  bad", "BEARER bad"}) {
    net::Request r = with_cookie(Method::get, "/v1/rooms");
    r.headers.add("Authorization", value);
    EXPECT_EQ(send(r).status, 401) << value;
  }
  net::Request twice = with_token(Method::get, "/v1/rooms");
  twice.headers.add("Authorization", "Bearer good");
  EXPECT_EQ(send(twice).status, 401);
  EXPECT_FALSE(seen);
}

TEST_F(GatewayTest, ServesThePublicRoutesToEverybody) {
  net::Request r = request(Method::post, "/v1/users");
  r.headers.add("Authorization", "Bearer bad");  // whoever registers may carry an old token
  EXPECT_EQ(send(r).status, 200);
  EXPECT_FALSE(seen->principal);
  EXPECT_EQ(send(request(Method::get, "/v1/users")).status, 401);
  const auto document = send(request(Method::get, "/v1/openapi.json"));
  EXPECT_EQ(document.body, R"({"openapi":"3.1.0"})");
  EXPECT_EQ(send(request(Method::get, "/v1/asyncapi.json")).status, 200);
  EXPECT_EQ(send(request(Method::post, "/v1/openapi.json")).status, 405);
}

TEST_F(GatewayTest, WantsJson) {
  net::Request r = with_token(Method::post, "/v1/rooms");
  r.body = "{}";
  EXPECT_EQ(code(send(r)), "unsupported_media_type");
  r.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(send(r).status, 415);
  r.headers.set("Content-Type", "application/json; charset=utf-8");
  EXPECT_EQ(send(r).status, 200);
  EXPECT_EQ(seen->body, "{}");
  net::Request open = request(Method::post, "/v1/users");
  open.body = "{}";
  EXPECT_EQ(send(open).status, 415);
}

TEST_F(GatewayTest, TakesACookieForReadingFromAnywhere) {
  EXPECT_EQ(send(with_cookie(Method::get, "/v1/rooms")).status, 200);
  EXPECT_TRUE(seen->by_cookie);
  net::Request plain_name = request(Method::get, "/v1/rooms");
  plain_name.headers.add("Cookie", "respring=good");  // any page of a sibling domain could set it
  EXPECT_EQ(send(plain_name).status, 401);
  plain_name.headers.set("Host", "localhost:8080");
  EXPECT_EQ(send(plain_name).status, 200);
}

struct OriginCase {
  std::string name, origin, site, scheme, host;
  int status;
};
void PrintTo(const OriginCase& c, std::ostream* out) { *out << c.name; }

class CookieOrigin : public GatewayTest, public testing::WithParamInterface<OriginCase> {};

TEST_P(CookieOrigin, DecidesWhoMayWriteWithACookie) {
  Settings settings;
  settings.allowed_origins = {"https://Friend.example:443/"};
  start(settings);
  net::Request r = with_cookie(Method::post, "/v1/rooms");
  const OriginCase& c = GetParam();
  r.headers.set("Host", c.host);
  r.peer_scheme = c.scheme;
  if (!c.origin.empty()) r.headers.add("Origin", c.origin);
  if (!c.site.empty()) r.headers.add("Sec-Fetch-Site", c.site);
  EXPECT_EQ(send(r).status, c.status);
}

const std::string kHere = "chat.example.org";
INSTANTIATE_TEST_SUITE_P(
    Origins, CookieOrigin,
    testing::Values(
        OriginCase{"nothing said", "", "", "http", kHere, 403},
        OriginCase{"own", "http://chat.example.org", "", "http", kHere, 200},
        OriginCase{"own by https through a proxy", "https://chat.example.org", "", "http", kHere,
                   200},
        OriginCase{"own by https", "https://chat.example.org", "", "https", kHere, 200},
        OriginCase{"a weaker one", "http://chat.example.org", "", "https", kHere, 403},
        OriginCase{"default port", "http://chat.example.org", "", "http", kHere + ":80", 200},
        OriginCase{"other port", "http://chat.example.org:81", "", "http", kHere, 403},
        OriginCase{"allowed", "https://friend.example", "", "http", kHere, 200},
        OriginCase{"foreign", "https://evil.example", "", "http", kHere, 403},
        OriginCase{"longer", "http://chat.example.org.evil.example", "", "http", kHere, 403},
        OriginCase{"null", "null", "", "http", kHere, 403},
        OriginCase{"same-origin", "", "same-origin", "http", kHere, 200},
        OriginCase{"same-site", "", "same-site", "http", kHere, 403},
        OriginCase{"cross-site", "", "cross-site", "http", kHere, 403}));

TEST_F(GatewayTest, ABearerNeedsNoOrigin) {
  net::Request r = with_token(Method::post, "/v1/rooms");
  r.headers.add("Origin", "https://evil.example");
  EXPECT_EQ(send(r).status, 200);
}

TEST_F(GatewayTest, CountsRequestsByAddressBeforeAnythingElse) {
  Settings settings;
  settings.limits.requests_per_ip = {0.001, 2};
  start(settings);
  EXPECT_EQ(send(request(Method::get, "/v1/nothing")).status, 404);
  EXPECT_EQ(send(request(Method::get, "/")).status, 200);
  const auto refused = send(with_token(Method::get, "/v1/rooms"));
  EXPECT_EQ(code(refused), "rate_limited");
  EXPECT_TRUE(refused.headers.has("retry-after"));
  net::Request elsewhere = with_token(Method::get, "/v1/rooms");
  elsewhere.remote_ip = "192.0.2.2";
  EXPECT_EQ(send(elsewhere).status, 200);
}

TEST_F(GatewayTest, TakesNewLimitsWhileItRuns) {
  Settings settings;
  settings.limits.requests_per_ip = {0.001, 1};
  gateway->reload(settings);
  EXPECT_EQ(send(request(Method::get, "/")).status, 200);
  EXPECT_EQ(send(request(Method::get, "/")).status, 429);
  settings.limits.requests_per_ip = {};
  gateway->reload(settings);
  EXPECT_EQ(send(request(Method::get, "/")).status, 200) << "off";
}

TEST_F(GatewayTest, CountsSendsByUser) {
  Settings settings;
  settings.limits.sends_per_user = {0.001, 1};
  start(settings);
  const net::Request r = with_token(Method::post, "/v1/rooms/5/messages");
  EXPECT_EQ(send(r).status, 200);
  EXPECT_EQ(send(r).status, 429);
  EXPECT_EQ(send(with_token(Method::get, "/v1/rooms/5/messages")).status, 200);
  // The bucket that the websocket role takes from too.
  const chat::RateDecision there = async::block_on(
      io.at(0).get_executor(), limiter->take("send:1", settings.limits.sends_per_user));
  EXPECT_FALSE(there.allowed);
  net::Request other = request(Method::post, "/v1/rooms/5/messages");
  other.headers.add("Authorization", "Bearer other");
  EXPECT_EQ(send(other).status, 200);
}

TEST_F(GatewayTest, AnswersInTimeAndLetsTheHandlerFinish) {
  Settings settings;
  settings.deadline = std::chrono::milliseconds(-900);  // with the grace: a tenth of a second
  start(settings);
  EXPECT_EQ(code(send(with_token(Method::get, "/v1/slow"))), "overloaded");
  // Of a write nobody knows what became: not one of the definite codes.
  const auto write = send(with_token(Method::post, "/v1/slow"));
  EXPECT_EQ(code(write), "upstream_unavailable");
  EXPECT_EQ(write.status, 504);
  EXPECT_EQ(finished, 0);
  let_go = true;
  gateway->wait();
  EXPECT_EQ(finished, 2);
}

TEST_F(GatewayTest, BoundsWhatOneUserHasUnderWay) {
  Settings settings;
  settings.requests_in_flight_per_user = 1;
  start(settings);
  auto first = std::async([&] { return send(with_token(Method::get, "/v1/slow")); });
  while (waiting == 0) std::this_thread::yield();
  EXPECT_EQ(code(send(with_token(Method::get, "/v1/rooms"))), "overloaded");
  net::Request other = request(Method::get, "/v1/rooms");
  other.headers.add("Authorization", "Bearer other");
  EXPECT_EQ(send(other).status, 200);
  let_go = true;
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(send(with_token(Method::get, "/v1/rooms")).status, 200);
}

TEST_F(GatewayTest, AnExceptionIsAnAnswerWithoutItsText) {
  const auto response = send(with_token(Method::get, "/v1/throws"));
  EXPECT_EQ(code(response), "internal");
  EXPECT_EQ(response.body.find("secret detail"), std::string::npos);
  EXPECT_EQ(response.fault, "secret detail") << "the log must know";
}

TEST_F(GatewayTest, AdmitsAWebSocketByWhoAsksAndFromWhere) {
  EXPECT_FALSE(admit(request(Method::get, "/v1/ws")).value()) << "a ticket will tell";
  EXPECT_EQ(admit(with_token(Method::get, "/v1/ws")).value()->user, UserId{1});
  EXPECT_EQ(admit(with_cookie(Method::get, "/v1/ws")).value()->user, UserId{1});
  net::Request own = with_cookie(Method::get, "/v1/ws");
  own.headers.add("Origin", "http://chat.example.org");
  EXPECT_TRUE(admit(own));
  net::Request wrong = request(Method::get, "/v1/ws");
  wrong.headers.add("Authorization", "Bearer bad");
  EXPECT_EQ(admit(wrong).error().code, ErrorCode::unauthenticated);
  for (net::Request foreign : {request(Method::get, "/v1/ws"), with_token(Method::get, "/v1/ws"),
                               with_cookie(Method::get, "/v1/ws")}) {
    foreign.headers.add("Origin", "https://evil.example");
    foreign.headers.add("Sec-Fetch-Site", "same-origin");
    EXPECT_EQ(admit(foreign).error().code, ErrorCode::forbidden);
  }
}

TEST_F(GatewayTest, BelievesWhatATrustedProxySaysOfTheClient) {
  struct Case {
    const char* peer;
    std::vector<const char*> forwarded;
    const char* client;
  };
  const std::vector<Case> cases = {
      {"10.0.0.5", {"198.51.100.7"}, "198.51.100.7"},
      {"10.0.0.5", {"1.2.3.4, 198.51.100.7"}, "198.51.100.7"},    // the first is invented
      {"10.0.0.5", {"198.51.100.7, 10.1.1.1"}, "198.51.100.7"},   // two proxies of ours
      {"10.0.0.5", {"1.2.3.4", "198.51.100.7"}, "198.51.100.7"},  // two fields, one list
      {"10.0.0.5", {"garbage, 10.9.9.9"}, "10.9.9.9"},            // the last that can be named
      {"10.0.0.5", {}, "10.0.0.5"},                               // the proxy itself
      {"192.0.2.1", {"198.51.100.7"}, "192.0.2.1"},               // nobody we trust
      {"::ffff:10.0.0.5", {"2001:db8::7"}, "2001:db8::7"},
  };
  Settings settings;
  settings.trusted_proxies = {*net::Network::parse("10.0.0.0/8")};
  start(settings);
  for (const Case& c : cases) {
    net::Request r = with_token(Method::get, "/v1/rooms");
    r.remote_ip = c.peer;
    for (const char* value : c.forwarded) r.headers.add("X-Forwarded-For", value);
    r.headers.add("X-Forwarded-Proto", "https");
    send(r);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->remote_ip, c.client) << c.peer;
    EXPECT_EQ(seen->peer_scheme, std::string(c.peer) == "192.0.2.1" ? "http" : "https");
  }
}

}  // namespace
}  // namespace respring::gateway
