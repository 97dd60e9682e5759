#include "world.h"

namespace respring::user {
namespace {

using net::Method;

/// The code of the first wrong field.
std::string field_code(const json::Value& problem) {
  const auto* errors = problem.find("errors");
  return errors && errors->as_array() ? errors->as_array()->front().string_or("code") : "";
}

TEST_F(UserTest, RegistersAPerson) {
  const auto made =
      want(201, call(Method::post, "/v1/users",
                     R"({"handle":"hong","display_name":" 홍길동 ","password":"12345678"})"));
  EXPECT_EQ(made.string_or("display_name"), "홍길동");
  EXPECT_EQ(made.string_or("locale"), "ko");
  EXPECT_EQ(users.rows.begin()->second.password_hash.substr(0, 10), "$argon2id$");
}

TEST_F(UserTest, GivesAHandleOutOnce) {
  register_person("hong");
  const auto again = call(Method::post, "/v1/users",
                          R"({"handle":"hong","display_name":"x","password":"12345678"})");
  EXPECT_EQ(want(409, again).string_or("code"), "conflict");
}

TEST_F(UserTest, SaysWhatIsWrongWithARegistration) {
  const auto post = [&](const std::string& body) { return call(Method::post, "/v1/users", body); };
  const auto shorter =
      want(400, post(R"({"handle":"hong","display_name":"x","password":"1234567"})"));
  EXPECT_EQ(field_code(shorter), "too_short");
  const auto longer = want(400, post(R"({"handle":"hong","display_name":"x","password":")" +
                                     std::string(129, 'x') + "\"}"));
  EXPECT_EQ(field_code(longer), "too_long");
  EXPECT_EQ(field_code(want(400, post(R"({"display_name":"x","password":"12345678"})"))),
            "required");
  const auto typo =
      want(400, post(R"({"handle":"hong","display_name":"x","password":"12345678","local":"ko"})"));
  EXPECT_EQ(typo.string_or("code"), "unknown_field");
  EXPECT_EQ(post("{").status, 400);
  EXPECT_EQ(post("[]").status, 400);
  EXPECT_TRUE(users.rows.empty());
}

TEST_F(UserTest, CountsRegistrationsByAddress) {
  Settings settings;
  settings.limits.registrations_per_ip = {0.1, 1};
  start(settings);
  register_person("first");
  EXPECT_EQ(call(Method::post, "/v1/users",
                 R"({"handle":"second","display_name":"x","password":"12345678"})")
                .status,
            429);
}

TEST_F(UserTest, ChangesTheProfile) {
  register_person("hong");
  const std::string token = log_in("hong");
  const auto patch = [&](const std::string& body) {
    return call(Method::patch, "/v1/users/me", body, token);
  };
  const auto changed = want(200, patch(R"({"display_name":"새 이름","locale":"en"})"));
  EXPECT_EQ(changed.string_or("display_name"), "새 이름");
  EXPECT_EQ(changed.string_or("locale"), "en");
  EXPECT_EQ(field_code(want(400, patch(R"({"locale":"fr"})"))), "invalid");
  EXPECT_EQ(want(400, patch(R"({"handle":"kim"})")).string_or("code"), "unknown_field");
}

TEST_F(UserTest, ANewPasswordWantsTheOldOneAndEndsOtherSessions) {
  register_person("hong");
  const std::string other = log_in("hong");
  const std::string token = log_in("hong");
  const auto patch = [&](const std::string& body) {
    return call(Method::patch, "/v1/users/me", body, token);
  };
  EXPECT_EQ(field_code(want(400, patch(R"({"password":"another one"})"))), "required");
  EXPECT_EQ(field_code(want(400, patch(R"({"current_password":"a password"})"))), "required");
  EXPECT_EQ(patch(R"({"password":"another one","current_password":"wrong"})").status, 403);
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, other).status, 200);
  EXPECT_EQ(patch(R"({"password":"another one","current_password":"a password"})").status, 200);
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, other).status, 401);
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, token).status, 200);
  EXPECT_EQ(try_log_in("hong", "a password").status, 401);
  EXPECT_EQ(try_log_in("hong", "another one").status, 201);
}

TEST_F(UserTest, FindsPeople) {
  register_person("hong.one");
  const UserId two = register_person("hong.two");
  const std::string token = log_in("hong.one");
  const auto get = [&](const std::string& target) { return call(Method::get, target, {}, token); };
  const auto found = want(200, get("/v1/users?query=hong&limit=1"));
  ASSERT_EQ(found.find("items")->as_array()->size(), 1u);
  const std::string cursor = found.string_or("next_cursor");
  const auto rest = want(200, get("/v1/users?query=hong&cursor=" + cursor));
  ASSERT_EQ(rest.find("items")->as_array()->size(), 1u);
  EXPECT_EQ(rest.find("items")->as_array()->front().string_or("id"), two.str());
  EXPECT_EQ(get("/v1/users?query=kim&cursor=" + cursor).status, 400);
  EXPECT_EQ(get("/v1/users").status, 400);
  EXPECT_EQ(get("/v1/users?query=").status, 400);
  EXPECT_EQ(get("/v1/users?query=%FF").status, 400);
  EXPECT_EQ(get("/v1/users?query=a&que=b").status, 400);
  const auto one = want(200, get("/v1/users/" + two.str()));
  EXPECT_EQ(one.find("created_at"), nullptr) << "only for himself";
  EXPECT_EQ(get("/v1/users/999").status, 404);
  EXPECT_EQ(get("/v1/users/0x1").status, 404);
}

TEST_F(UserTest, ABlockReachesTheDirectRoom) {
  const UserId me = register_person("hong");
  const UserId other = register_person("kim");
  rooms.rooms_by_id[RoomId{1}] = {chat::RoomKind::direct, {me, other}, {}, {}};
  const std::string token = log_in("hong");
  const std::string path = "/v1/users/me/blocks/" + other.str();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(call(Method::put, path, {}, token).status, 204);
  EXPECT_FALSE(rooms.rooms_by_id[RoomId{1}].blockers.empty());
  EXPECT_EQ(wait(service->blockers(other, me)).value(), std::vector{me});
  const auto list = want(200, call(Method::get, "/v1/users/me/blocks", {}, token));
  EXPECT_EQ(list.find("items")->as_array()->front().string_or("handle"), "kim");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(call(Method::delete_, path, {}, token).status, 204);
  EXPECT_TRUE(rooms.rooms_by_id[RoomId{1}].blockers.empty());
}

TEST_F(UserTest, RefusesABlockThatMakesNoSense) {
  const UserId me = register_person("hong");
  const UserId other = register_person("kim");
  const std::string token = log_in("hong");
  const auto put = [&](const std::string& user) {
    return call(Method::put, "/v1/users/me/blocks/" + user, {}, token).status;
  };
  EXPECT_EQ(put(me.str()), 400);
  EXPECT_EQ(put("999"), 404);
  EXPECT_EQ(put("abc"), 404);
  rooms.rooms_by_id[RoomId{1}] = {chat::RoomKind::direct, {me, other}, {}, {}};
  rooms.fail_block = true;
  EXPECT_EQ(put(other.str()), 503) << "a block that does not hold in the room must not look done";
}

class EraseTest : public UserTest {
 protected:
  void SetUp() override {
    UserTest::SetUp();
    me = register_person("hong");
    other = register_person("kim");
    FakeRooms::Room& group = rooms.rooms_by_id[RoomId{1}];
    group.members = {me, other};
    for (Seq seq = 2; seq < 252; ++seq) group.messages[seq] = seq % 2 == 0 ? me : other;
    rooms.rooms_by_id[RoomId{2}] = {chat::RoomKind::direct, {me, other}, {{2, me}}, {}};
    token = log_in("hong");
  }
  int erase(const std::string& body) {
    return call(Method::delete_, "/v1/users/me", body, token).status;
  }
  std::int64_t own_messages(RoomId room) {
    const auto& all = rooms.rooms_by_id[room].messages;
    return std::count_if(all.begin(), all.end(), [&](const auto& m) { return m.second == me; });
  }

  UserId me, other;
  std::string token;
};

TEST_F(EraseTest, KeepsMessagesUnlessAskedOtherwise) {
  EXPECT_EQ(erase(R"({"password":"wrong"})"), 403);
  EXPECT_EQ(erase(R"({"password":"a password","messages":"burn"})"), 400);
  EXPECT_EQ(rooms.rooms_by_id[RoomId{1}].members.size(), 2u);
  EXPECT_EQ(erase(R"({"password":"a password"})"), 204);
  EXPECT_EQ(own_messages(RoomId{1}), 125);
  EXPECT_EQ(rooms.rooms_by_id[RoomId{1}].members, std::vector{other});
  EXPECT_EQ(rooms.rooms_by_id[RoomId{2}].members.size(), 2u) << "nobody leaves a direct room";
  EXPECT_EQ(rooms.forgotten, std::vector{me});
  EXPECT_EQ(call(Method::get, "/v1/users/me", {}, token).status, 401);
  EXPECT_EQ(try_log_in("hong", "a password").status, 401);
  const std::string witness = log_in("kim");
  const auto seen = want(200, call(Method::get, "/v1/users/" + me.str(), {}, witness));
  EXPECT_TRUE(seen.bool_or("deleted"));
  EXPECT_EQ(seen.string_or("handle"), "");
}

TEST_F(EraseTest, DeletesEveryMessageOfHisWhenAsked) {
  EXPECT_EQ(erase(R"({"password":"a password","messages":"delete"})"), 204);
  EXPECT_EQ(own_messages(RoomId{1}), 0);
  EXPECT_EQ(own_messages(RoomId{2}), 0);
  EXPECT_EQ(rooms.rooms_by_id[RoomId{1}].messages.size(), 125u) << "only his";
}

TEST_F(EraseTest, CanBeAskedAgainAfterAFailure) {
  users.fail_erase = true;
  EXPECT_EQ(erase(R"({"password":"a password","messages":"delete"})"), 500);
  users.fail_erase = false;
  token = log_in("hong");
  EXPECT_EQ(erase(R"({"password":"a password","messages":"delete"})"), 204);
  EXPECT_TRUE(users.rows[me].user.deleted);
}

TEST_F(EraseTest, ExportsEverythingAsLines) {
  users.block_rows.insert({me, other});
  const auto response = call(Method::get, "/v1/users/me/export", {}, token);
  ASSERT_TRUE(response.stream);
  std::string text;
  while (true) {
    auto chunk = wait(response.stream());
    ASSERT_TRUE(chunk);
    if (!chunk.value()) break;
    EXPECT_TRUE(chunk.value()->ends_with('\n'));
    text += *chunk.value();
  }
  std::map<std::string, int> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto line = json::parse(std::string_view(text).substr(at, end - at));
    ASSERT_TRUE(line);
    ++lines[line.value().string_or("type")];
    at = end + 1;
  }
  const std::map<std::string, int> expected = {
      {"user", 1}, {"session", 1}, {"block", 1}, {"room", 2}, {"message", 126}};
  EXPECT_EQ(lines, expected);
}

}  // namespace
}  // namespace respring::user
