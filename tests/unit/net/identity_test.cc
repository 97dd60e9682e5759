#include "net/identity.h"

#include <gtest/gtest.h>

namespace respring::net {
namespace {

class TestClock final : public Clock {
 public:
  Time now() const override { return now_; }
  Time now_ = from_ms(1'790'000'000'000);
};

IdentityKeys::Key key_of(unsigned char byte) {
  IdentityKeys::Key key;
  key.fill(byte);
  return key;
}

constexpr Principal kMinji{UserId{4711}, SessionId{815}};

class Identity : public ::testing::Test {
 protected:
  static Request request(std::string header, Method method = Method::post,
                         std::string target = "/internal/message/history") {
    Request request;
    request.method = method;
    request.target = std::move(target);
    split_target(request);
    request.headers.add(std::string(kIdentityHeader), std::move(header));
    return request;
  }
  std::string signed_by(const IdentitySeal& with) const {
    return with.sign(kMinji, Method::post, "/internal/message/history");
  }
  void expect_refused(const Request& request) const {
    const auto who = seal.verify(request);
    ASSERT_FALSE(who);
    EXPECT_EQ(who.error().code, ErrorCode::unauthenticated);
  }

  TestClock clock;
  IdentitySeal seal{{key_of(1), {}}, clock};
};

TEST_F(Identity, TellsTheUserAndHisSession) {
  const auto who = seal.verify(request(signed_by(seal)));
  ASSERT_TRUE(who);
  ASSERT_TRUE(who.value());
  EXPECT_EQ(who.value()->user, kMinji.user);
  EXPECT_EQ(who.value()->session, kMinji.session);
}

TEST_F(Identity, OfANodeHasNoUser) {
  const auto header = seal.sign({}, Method::post, "/internal/message/history");
  const auto who = seal.verify(request(header));
  ASSERT_TRUE(who);
  EXPECT_FALSE(who.value());
}

TEST_F(Identity, IsGoodForItsOwnRequestOnly) {
  const auto header = signed_by(seal);
  expect_refused(request(header, Method::get));
  expect_refused(request(header, Method::post, "/internal/message/log"));
  expect_refused(request(header, Method::post, "/internal/message/history?x=1"));
}

TEST_F(Identity, IsGoodForTwoMinutes) {
  const auto header = signed_by(seal);
  clock.now_ += IdentitySeal::kValidity;
  EXPECT_TRUE(seal.verify(request(header)));
  clock.now_ += std::chrono::milliseconds(1);
  expect_refused(request(header));
}

TEST_F(Identity, MayComeFromAClockThatRunsAheadALittle) {
  clock.now_ += IdentitySeal::kSkew;
  const auto header = signed_by(seal);
  clock.now_ -= IdentitySeal::kSkew;
  EXPECT_TRUE(seal.verify(request(header)));
  clock.now_ -= std::chrono::milliseconds(1);
  expect_refused(request(header));
}

TEST_F(Identity, SurvivesOneRotationOfTheKey) {
  const auto header = signed_by(seal);
  EXPECT_TRUE(IdentitySeal({key_of(2), key_of(1)}, clock).verify(request(header)));
  EXPECT_FALSE(IdentitySeal({key_of(3), key_of(2)}, clock).verify(request(header)));
  EXPECT_FALSE(IdentitySeal({key_of(2), {}}, clock).verify(request(header)));
  const auto renewed = signed_by(IdentitySeal({key_of(2), key_of(1)}, clock));
  expect_refused(request(renewed));
}

TEST_F(Identity, EveryChangedCharacterIsNoticed) {
  const auto header = signed_by(seal);
  for (std::size_t i = 0; i < header.size(); ++i) {
    auto changed = header;
    changed[i] = changed[i] == '1' ? '2' : '1';
    expect_refused(request(changed));
  }
  for (std::size_t length = 0; length < header.size(); ++length)
    expect_refused(request(header.substr(0, length)));
  expect_refused(request(header + "A"));
}

TEST_F(Identity, NonsenseIsRefused) {
  for (const char* text : {"", ".", "...", "1.node", "1.node..", "1...", "node", "1.0-0.1.A"})
    expect_refused(request(text));
  expect_refused(request(std::string(100'000, 'A')));
  auto missing = request(signed_by(seal));
  missing.headers.remove(kIdentityHeader);
  expect_refused(missing);
  auto doubled = request(signed_by(seal));
  doubled.headers.add(std::string(kIdentityHeader), signed_by(seal));
  expect_refused(doubled);
}

}  // namespace
}  // namespace respring::net
