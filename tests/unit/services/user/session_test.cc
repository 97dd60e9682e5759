#include "services/user/session_cache.h"
#include "world.h"

namespace respring::user {
namespace {

using net::Method;

TEST_F(UserTest, LogsInAndIsRecognised) {
  const UserId id = register_person("hong");
  const auto answer = want(201, try_log_in("hong", "a password"));
  EXPECT_EQ(answer.find("user")->string_or("id"), id.str());
  EXPECT_EQ(answer.find("user")->string_or("locale"), "ko");
  EXPECT_TRUE(answer.find("session")->bool_or("current"));
  const auto me = want(200, call(Method::get, "/v1/users/me", {}, answer.string_or("token")));
  EXPECT_EQ(me.string_or("handle"), "hong");
}

TEST_F(UserTest, NeverStoresAToken) {
  register_person("hong");
  const std::string token = log_in("hong");
  EXPECT_EQ(token.size(), 43u);
  for (const auto& [hash, session] : users.session_rows) EXPECT_EQ(hash.find(token), hash.npos);
}

TEST_F(UserTest, TellsNobodyWhyALogInFailed) {
  const UserId disabled = register_person("disabled");
  users.rows[disabled].user.disabled = true;
  register_person("hong");
  std::set<std::string> bodies;
  for (const char* handle : {"hong", "unknown", "disabled", "Not A Handle!"}) {
    const auto refused = try_log_in(handle, handle == std::string("disabled") ? "a password" : "x");
    EXPECT_EQ(refused.status, 401);
    bodies.insert(refused.body);
  }
  EXPECT_EQ(bodies.size(), 1u);
}

TEST_F(UserTest, ComparesPasswordsInOneUnicodeForm) {
  register_person("hong", "비밀번호가-길다");
  EXPECT_EQ(try_log_in("hong", "\u1107\u1175\u1106\u1175\u11af번호가-길다").status, 201);
}

TEST_F(UserTest, NamesTheCookieByWhereItGoes) {
  register_person("hong");
  const auto safe = try_log_in("hong", "a password");
  const std::string far(*safe.headers.find("set-cookie"));
  EXPECT_TRUE(far.starts_with("__Host-respring=")) << far;
  for (const char* part : {"; HttpOnly", "; Secure", "; SameSite=Strict", "; Path=/", "; Max-Age="})
    EXPECT_NE(far.find(part), far.npos) << far;
  host = "127.0.0.1:8080";
  const auto near_by = try_log_in("hong", "a password");
  const std::string near(*near_by.headers.find("set-cookie"));
  EXPECT_TRUE(near.starts_with("respring=")) << near;
  EXPECT_EQ(near.find("Secure"), near.npos);
}

TEST_F(UserTest, CountsLogInsByHandleAlsoOfNobody) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_log_in("nobody", "x").status, 401);
  const auto refused = try_log_in("nobody", "x");
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.headers.has("retry-after"));
  EXPECT_EQ(try_log_in("somebody", "x").status, 401);
}

TEST_F(UserTest, EndsASessionAtOnceAndTellsTheNodes) {
  register_person("hong");
  const std::string token = log_in("hong");
  want(200, call(Method::get, "/v1/users/me", {}, token));  // now it is remembered
  std::string heard;
  const auto ear =
      pub_sub->subscribe(std::string(chat::kRevokedSessionsChannel),
                         [&](const std::shared_ptr<const std::string>& p) { heard = *p; });
  const auto id = users.session_rows.begin()->second.id;
  const auto gone = call(Method::delete_, "/v1/sessions/current", {}, token);
  EXPECT_EQ(gone.status, 204);
  EXPECT_NE(gone.headers.find("set-cookie")->find("Max-Age=0"), std::string_view::npos);
  EXPECT_EQ(heard, id.str());
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, token).status, 401);
}

TEST_F(UserTest, HearsOfSessionsThatAnotherNodeEnded) {
  register_person("hong");
  const std::string token = log_in("hong");
  want(200, call(Method::get, "/v1/users/me", {}, token));
  const auto id = users.session_rows.begin()->second.id;
  users.session_rows.clear();
  pub_sub->publish(chat::kRevokedSessionsChannel,
                   std::make_shared<const std::string>("77 " + id.str()));
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, token).status, 401);
}

TEST_F(UserTest, DoesNotEndSomebodyElsesSession) {
  register_person("hong");
  register_person("kim");
  log_in("hong");
  const auto id = users.session_rows.begin()->second.id;
  const std::string token = log_in("kim");
  EXPECT_EQ(call(Method::delete_, "/v1/sessions/" + id.str(), {}, token).status, 404);
  EXPECT_EQ(call(Method::delete_, "/v1/sessions/abc", {}, token).status, 404);
  EXPECT_EQ(users.session_rows.size(), 2u);
}

TEST_F(UserTest, ListsLiveSessionsInPages) {
  register_person("hong");
  for (int i = 0; i < 3; ++i) log_in("hong");
  const std::string token = log_in("hong");
  const auto first = want(200, call(Method::get, "/v1/sessions?limit=3", {}, token));
  EXPECT_EQ(first.find("items")->as_array()->size(), 3u);
  const std::string next = "/v1/sessions?limit=3&cursor=" + first.string_or("next_cursor");
  const auto second = want(200, call(Method::get, next, {}, token));
  ASSERT_EQ(second.find("items")->as_array()->size(), 1u);
  EXPECT_TRUE(second.find("items")->as_array()->front().bool_or("current"));
  EXPECT_EQ(second.find("next_cursor"), nullptr);
  EXPECT_EQ(call(Method::get, "/v1/sessions?cursor=AAAA", {}, token).status, 400);
  EXPECT_EQ(call(Method::get, "/v1/sessions?limit=0", {}, token).status, 400);
}

TEST_F(UserTest, ForgetsASessionThatExpired) {
  register_person("hong");
  const std::string token = log_in("hong");
  want(200, call(Method::get, "/v1/users/me", {}, token));
  clock.pass(std::chrono::days(30));
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, token).status, 401);
}

TEST_F(UserTest, AsksTheDatabaseOnceInAWhile) {
  register_person("hong");
  const std::string token = log_in("hong");
  for (int i = 0; i < 5; ++i) want(200, call(Method::get, "/v1/users/me", {}, token));
  EXPECT_EQ(users.lookups, 1);
  clock.pass(std::chrono::seconds(30));
  want(200, call(Method::get, "/v1/users/me", {}, token));
  EXPECT_EQ(users.lookups, 2);
}

TEST_F(UserTest, NotesTheLastUseOnceAMinute) {
  register_person("hong");
  const std::string token = log_in("hong");
  for (int i = 0; i < 3; ++i) want(200, call(Method::get, "/v1/users/me", {}, token));
  service->sessions().wait();
  EXPECT_EQ(users.touches, 0);
  clock.pass(std::chrono::minutes(1));
  for (int i = 0; i < 3; ++i) want(200, call(Method::get, "/v1/users/me", {}, token));
  service->sessions().wait();
  EXPECT_EQ(users.touches, 1);
}

TEST_F(UserTest, CanAllowOneSessionOnly) {
  Settings settings;
  settings.single_session = true;
  start(settings);
  register_person("hong");
  const std::string first = log_in("hong");
  want(200, call(Method::get, "/v1/users/me", {}, first));
  const std::string second = log_in("hong");
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, first).status, 401);
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, second).status, 200);
}

TEST_F(UserTest, TakesATicketOnce) {
  const UserId id = register_person("hong");
  const std::string token = log_in("hong");
  const auto issued = want(201, call(Method::post, "/v1/ws-tickets", {}, token));
  EXPECT_EQ(issued.int_or("expires_in"), 30);
  const Secret<std::string> ticket(issued.string_or("ticket"));
  const auto redeemed = wait(service->redeem_ticket(ticket));
  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed.value().user, id);
  EXPECT_EQ(wait(service->redeem_ticket(ticket)).error().code, ErrorCode::unauthenticated);
}

TEST_F(UserTest, TicketsDieWithTheirSession) {
  register_person("hong");
  const std::string token = log_in("hong");
  const auto issued = want(201, call(Method::post, "/v1/ws-tickets", {}, token));
  log_in("hong");  // another session of his lives on
  EXPECT_EQ(call(Method::delete_, "/v1/sessions/current", {}, token).status, 204);
  const Secret<std::string> ticket(issued.string_or("ticket"));
  EXPECT_EQ(wait(service->redeem_ticket(ticket)).error().code, ErrorCode::unauthenticated);
}

TEST(SessionCache, TakesNothingThatWasReadBeforeARevocation) {
  SessionCache cache;
  chat::Session session;
  session.id = SessionId{5};
  session.expires_at = from_ms(1'000'000);
  const auto begun = cache.begin();
  cache.drop(session.id);  // ended between the database's answer and put()
  cache.put(begun, "hash", session, from_ms(0));
  EXPECT_FALSE(cache.find("hash", from_ms(0)));
  cache.put(cache.begin(), "hash", session, from_ms(0));
  EXPECT_TRUE(cache.find("hash", from_ms(0)));
}

TEST(SessionCache, KeepsNoMoreThanItMay) {
  SessionCache cache({.capacity = 2, .life = std::chrono::seconds(30)});
  chat::Session session;
  session.expires_at = from_ms(1'000'000);
  for (std::int64_t i = 1; i <= 3; ++i) {
    session.id = SessionId{i};
    cache.put(cache.begin(), std::to_string(i), session, from_ms(0));
  }
  EXPECT_FALSE(cache.find("1", from_ms(0)));
  EXPECT_TRUE(cache.find("2", from_ms(0)));
  EXPECT_TRUE(cache.find("3", from_ms(0)));
}

}  // namespace
}  // namespace respring::user
