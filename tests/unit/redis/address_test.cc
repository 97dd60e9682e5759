#include "redis/address.h"

#include <gtest/gtest.h>

namespace respring::redis {
namespace {

TEST(RedisAddress, ReadsEveryPart) {
  const auto all = parse_url("redis://anna:p%40ss%2Fw%3A@cache.example:6380/3").value();
  EXPECT_EQ(all.host, "cache.example");
  EXPECT_EQ(all.port, 6380);
  EXPECT_EQ(all.user, "anna");
  EXPECT_EQ(all.password.reveal(), "p@ss/w:");
  EXPECT_EQ(all.database, 3);
  EXPECT_EQ(all.str(), "redis://cache.example:6380/3");
}

TEST(RedisAddress, MostPartsMayBeLeftOut) {
  const auto host = parse_url("redis://localhost").value();
  EXPECT_EQ(host.str(), "redis://localhost:6379/0");
  EXPECT_TRUE(host.password.reveal().empty());
  const auto password = parse_url("redis://:secret@h/").value();
  EXPECT_EQ(password.user, "");
  EXPECT_EQ(password.password.reveal(), "secret");
  EXPECT_EQ(parse_url("redis://[::1]:7000").value().str(), "redis://[::1]:7000/0");
  EXPECT_EQ(parse_url("redis://[::1]").value().host, "::1");
}

TEST(RedisAddress, SaysWhatIsWrongWithoutTheSecret) {
  for (const std::string url :
       {"", "http://h", "redis://", "redis://:hunter2@", "redis://u:hunter2@h:0",
        "redis://u:hunter2@h:65536", "redis://u:hunter2@h:6379x", "redis://u:hunter2@h/db",
        "redis://u:hunter2@h/-1", "redis://u:hunter2%4@h", "redis://u:hunter2%zz@h",
        "redis://u:hunter2@[::1", "redis://u:hunter2@[::1]6379", "rediss://u:hunter2@h"}) {
    const auto refused = parse_url(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_GT(refused.error().detail.size(), 20U);
    EXPECT_EQ(refused.error().detail.find("hunter2"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace respring::redis
