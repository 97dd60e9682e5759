#include "mysql/dsn.h"

#include <gtest/gtest.h>

namespace respring::mysql {
namespace {

Options parsed(std::string_view dsn) {
  auto result = parse_dsn(dsn);
  EXPECT_TRUE(result) << dsn << ": " << result.assume_error().detail;
  return result ? std::move(result).assume_value() : Options{};
}

TEST(MysqlDsn, EveryPartIsRead) {
  const auto options = parsed(
      "mysql://app:pa%3Ass%40w%2Frd@db.example.com:3307/chat_0?tls=verify-identity&ca=/etc/ca.pem&"
      "connect_timeout=2&answer_timeout=60&lock_timeout=9");
  EXPECT_EQ(options.host, "db.example.com");
  EXPECT_EQ(options.port, 3307);
  EXPECT_EQ(options.user, "app");
  EXPECT_EQ(options.password.reveal(), "pa:ss@w/rd");
  EXPECT_EQ(options.database, "chat_0");
  EXPECT_EQ(options.tls, Tls::verify_identity);
  EXPECT_EQ(options.ca, "/etc/ca.pem");
  EXPECT_EQ(options.connect_timeout, std::chrono::seconds(2));
  EXPECT_EQ(options.answer_timeout, std::chrono::seconds(60));
  EXPECT_EQ(options.lock_timeout, std::chrono::seconds(9));
}

TEST(MysqlDsn, MostMayBeLeftOut) {
  const auto options = parsed("mysql://app@db/chat");
  EXPECT_EQ(options.port, 3306);
  EXPECT_EQ(options.password.reveal(), "");
  EXPECT_EQ(options.tls, Tls::disabled);
  EXPECT_EQ(parsed("mysql://app:@[::1]:3310/chat").host, "::1");
  EXPECT_EQ(parsed("mysql://app@[fe80::1]/chat").port, 3306);
  EXPECT_EQ(parsed("mysql://app@db/chat?tls=required").tls, Tls::required);
}

TEST(MysqlDsn, ItsNameHasNoPassword) {
  EXPECT_EQ(describe(parsed("mysql://app:secret@db:3307/chat")), "mysql://app@db:3307/chat");
  EXPECT_EQ(describe(parsed("mysql://app:secret@[::1]/chat")), "mysql://app@[::1]:3306/chat");
}

TEST(MysqlDsn, WhatIsWrongIsRefusedWithoutRepeatingIt) {
  const std::string long_name(65, 'x');
  for (const auto& dsn :
       std::vector<std::string>{"",
                                "mysql://",
                                "mysql:app:secret@db/chat",
                                "sqlite://app:secret@db/chat",
                                "mysql://app:secret@db",
                                "mysql://app:secret@db/",
                                "mysql://db/chat",
                                "mysql://:secret@db/chat",
                                "mysql://app:secret@/chat",
                                "mysql://app:secret@:3306/chat",
                                "mysql://app:secret@db:/chat",
                                "mysql://app:secret@db:0/chat",
                                "mysql://app:secret@db:65536/chat",
                                "mysql://app:secret@db:33x/chat",
                                "mysql://app:secret@d b/chat",
                                "mysql://app:secret@[::1/chat",
                                "mysql://app:secret@[zz]/chat",
                                "mysql://app:secret@[::1]3306/chat",
                                "mysql://app:secret%@db/chat",
                                "mysql://app:secret%4@db/chat",
                                "mysql://app:secret%zz@db/chat",
                                "mysql://app:secret%00@db/chat",
                                "mysql://app:sec@ret@db/chat",
                                "mysql://app:sec:ret@db/chat",
                                "mysql://app:secret@db/chat/more",
                                "mysql://app:secret@db/ch`at",
                                "mysql://app:secret@db/chat?ssl=on",
                                "mysql://app:secret@db/chat?tls=on",
                                "mysql://app:secret@db/chat?tls=verify-ca",
                                "mysql://app:secret@db/chat?ca=/x.pem",
                                "mysql://app:secret@db/chat?tls=required&tls=required",
                                "mysql://app:secret@db/chat?connect_timeout=0",
                                "mysql://app:secret@db/chat?connect_timeout=301",
                                "mysql://app:secret@db/chat?connect_timeout=2s",
                                "mysql://app:secret@db/" + long_name,
                                "mysql://app:secret@db/chat?" + std::string(5000, 'x')}) {
    const auto result = parse_dsn(dsn);
    ASSERT_FALSE(result) << dsn;
    EXPECT_EQ(result.assume_error().code, ErrorCode::invalid_request);
    EXPECT_FALSE(result.assume_error().detail.empty());
    EXPECT_EQ(result.assume_error().detail.find("secret"), std::string::npos) << dsn;
  }
}

}  // namespace
}  // namespace respring::mysql
