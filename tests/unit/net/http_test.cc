#include "net/http.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace respring::net {
namespace {

Request request_for(std::string target) {
  Request request;
  request.target = std::move(target);
  request.trace_id = std::string(32, 'a');
  split_target(request);
  return request;
}

TEST(Headers, NamesCompareWithoutCase) {
  Headers headers{{"Content-Type", "a"}, {"X-One", "1"}, {"x-one", "2"}};
  EXPECT_EQ(headers.find("content-type"), "a");
  EXPECT_EQ(headers.find("X-ONE"), "1");
  EXPECT_EQ(headers.count("x-one"), 2U);
  headers.set("X-one", "3");
  EXPECT_EQ(headers.count("x-one"), 1U);
  headers.add("Respring-Identity", "forged");
  headers.remove_prefix("respring-");
  EXPECT_FALSE(headers.has("Respring-Identity"));
  EXPECT_FALSE(headers.find("absent"));
}

TEST(Target, IsSplitAndTheQueryDecoded) {
  const Request request = request_for("/v1/a%2Fb?q=%EC%BB%A4+%2B&x=&y&q=2&&a%3D=b%26");
  EXPECT_EQ(request.path, "/v1/a%2Fb");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"q", "커 +"}, {"x", ""}, {"y", ""}, {"q", "2"}, {"a=", "b&"}};
  EXPECT_EQ(request.query, expected);
}

TEST(Percent, RoundTrip) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_FALSE(percent_decode("%4"));
  EXPECT_FALSE(percent_decode("%g0"));
}

TEST(Query, TakesWhatItKnowsAndRefusesTheRest) {
  const Request good = request_for("/x?limit=7&room=12");
  Query query(good);
  EXPECT_EQ(query.integer("limit", 1, 100, 50), 7);
  EXPECT_EQ(query.id<RoomId>("room"), RoomId{12});
  EXPECT_EQ(query.text("cursor"), std::nullopt);
  EXPECT_TRUE(query.done());

  const Request typo = request_for("/x?limti=7");
  Query other(typo);
  EXPECT_EQ(other.integer("limit", 1, 100, 50), 50);
  const auto refused = other.done();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unknown_field);
  EXPECT_EQ(refused.error().fields, (std::vector<FieldError>{{"limti", "unknown"}}));
}

TEST(Query, RefusesBadValues) {
  const std::pair<const char*, const char*> cases[] = {
      {"/x?limit=0", "out_of_range"},     {"/x?limit=101", "out_of_range"},
      {"/x?limit=", "invalid"},           {"/x?limit=1x", "invalid"},
      {"/x?limit=1&limit=1", "repeated"}, {"/x?limit=99999999999999999999", "out_of_range"},
      {"/x?limit=+5", "invalid"}};
  for (const auto& [target, code] : cases) {
    const Request request = request_for(target);
    Query query(request);
    query.integer("limit", 1, 100, 50);
    const auto refused = query.done();
    ASSERT_FALSE(refused) << target;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request) << target;
    EXPECT_EQ(refused.error().fields, (std::vector<FieldError>{{"limit", code}})) << target;
  }
}

TEST(JsonBody, NeedsItsContentType) {
  Request request;
  EXPECT_TRUE(require_json_body(request)) << "no body, no type";
  request.body = "{}";
  EXPECT_FALSE(require_json_body(request));
  const std::pair<const char*, bool> cases[] = {{"application/json", true},
                                                {"Application/JSON; charset=UTF-8", true},
                                                {"application/json;", true},
                                                {"application/json; charset=euc-kr", false},
                                                {"text/plain", false},
                                                {"application/jsonp", false},
                                                {"application/problem+json", false}};
  for (const auto& [type, fine] : cases) {
    request.headers.set("Content-Type", type);
    EXPECT_EQ(require_json_body(request).has_value(), fine) << type;
  }
}

TEST(Language, FollowsAcceptLanguage) {
  const std::pair<const char*, Language> cases[] = {
      {"", Language::en},
      {"ko", Language::ko},
      {"ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Language::ko},
      {"en-US,en;q=0.9,ko;q=0.8", Language::en},
      {"fr, ko;q=0.5", Language::ko},
      {"en, ko", Language::en},
      {"ko;q=0", Language::en},
      {"kok", Language::en},
      {"*", Language::en},
      {"en;q=0.5, KO;q=0.55", Language::ko}};
  for (const auto& [header, language] : cases) EXPECT_EQ(language_of(header), language) << header;
}

TEST(Problem, HasTheFieldsOfTheContract) {
  Request request = request_for("/v1/rooms?x=1");
  request.headers.add("Accept-Language", "ko");
  const Response response = problem_response(invalid_field("title", "too_long"), request);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto body = json::parse(response.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body.value().string_or("code"), "invalid_request");
  EXPECT_EQ(body.value().string_or("title"), "요청이 올바르지 않아요.");
  EXPECT_EQ(body.value().int_or("status"), 400);
  EXPECT_EQ(body.value().string_or("trace_id"), std::string(32, 'a'));
  EXPECT_EQ(body.value().string_or("instance"), "/v1/rooms");
  EXPECT_TRUE(body.value().find("type"));
  EXPECT_TRUE(body.value().find("detail"));
  EXPECT_EQ(body.value().find("errors")->as_array()->at(0).string_or("field"), "title");
}

TEST(Problem, SaysWhenToTryAgainInWholeSeconds) {
  const Request request;
  using std::chrono::milliseconds;
  const std::pair<milliseconds, const char*> cases[] = {
      {milliseconds(1), "1"}, {milliseconds(1000), "1"}, {milliseconds(1001), "2"}};
  for (const auto& [wait, seconds] : cases)
    EXPECT_EQ(problem_response(overloaded("", wait), request).headers.find("retry-after"), seconds);
  const Error limited{ErrorCode::rate_limited, {}, {}, {}};
  EXPECT_EQ(problem_response(limited, request).headers.find("retry-after"), "1");
}

TEST(Problem, KeepsInternalDetailsToItself) {
  const Response response = problem_response(internal("secret path /var/x"), Request{});
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST(Problem, IsValidJsonWhateverTheClientSent) {
  Error error = invalid("\xff\xfe");
  error.fields.push_back({"\xc3", "unknown"});
  EXPECT_TRUE(json::parse(problem_response(error, Request{}).body));
}

}  // namespace
}  // namespace respring::net
