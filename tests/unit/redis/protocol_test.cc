#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "redis/command.h"
#include "redis/reply.h"

namespace respring::redis {
namespace {

using Kind = Reply::Kind;

Reply only_reply(std::string_view bytes) {
  ReplyReader reader(1 << 20);
  EXPECT_TRUE(reader.feed(bytes));
  auto reply = reader.next().value();
  EXPECT_TRUE(reply);
  EXPECT_FALSE(reader.next().value()) << "nothing is left";
  return reply ? std::move(*reply) : Reply{};
}

TEST(RedisCommand, IsAnArrayOfBulkStrings) {
  EXPECT_EQ(command({"SET", "k", ""}), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
  EXPECT_EQ(command({std::string_view("\0\r\n", 3)}), std::string("*1\r\n$3\r\n\0\r\n\r\n", 13));
}

TEST(RedisReply, EveryKind) {
  EXPECT_EQ(only_reply("+OK\r\n").text, "OK");
  EXPECT_EQ(only_reply(":-42\r\n").integer, -42);
  EXPECT_EQ(only_reply("$-1\r\n").kind, Kind::nil);
  EXPECT_EQ(only_reply("$0\r\n\r\n").kind, Kind::text);
  const auto error = only_reply("-NOSCRIPT No matching script\r\n");
  EXPECT_TRUE(error.is_error());
  EXPECT_EQ(error.error_code(), "NOSCRIPT");
  const auto array =
      only_reply(std::string_view("*4\r\n$3\r\na\0b\r\n:7\r\n$-1\r\n*2\r\n+x\r\n*0\r\n", 34));
  ASSERT_EQ(array.elements.size(), 4U);
  EXPECT_EQ(array.elements[0].text, std::string("a\0b", 3));
  EXPECT_EQ(array.elements[1].integer, 7);
  EXPECT_EQ(array.elements[2].kind, Kind::nil);
  ASSERT_EQ(array.elements[3].elements.size(), 2U);
  EXPECT_EQ(array.elements[3].elements[1].kind, Kind::array);
}

TEST(RedisReply, NonsenseIsAnErrorNotACrash) {
  for (const std::string_view bytes :
       {"HTTP/1.1 200 OK\r\n", "*2000000\r\n", "*x\r\n", "$-5\r\n", ":1x\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+x\r\n"}) {
    ReplyReader reader(1 << 20);
    ASSERT_TRUE(reader.feed(bytes));
    const auto reply = reader.next();
    ASSERT_FALSE(reply) << bytes;
    EXPECT_EQ(reply.error().code, ErrorCode::upstream_unavailable);
  }
}

TEST(RedisReply, OneThatIsTooLongIsRefused) {
  ReplyReader reader(1000);
  ASSERT_TRUE(reader.feed("$1000000\r\n"));
  Result<void> fed = success();
  for (int i = 0; i < 100 && fed; ++i) {
    fed = reader.feed(std::string(100, 'x'));
    if (fed) {
      EXPECT_FALSE(reader.next().value());
    }
  }
  EXPECT_FALSE(fed);
}

RC_GTEST_PROP(RedisReply, CutsAnyhowGiveTheSame, ()) {
  // A command is itself a reply, an array of texts.
  const auto commands = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::string>>()));
  std::string bytes;
  for (const auto& words : commands) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    append_command(bytes, views);
  }
  ReplyReader reader(1 << 20);
  std::vector<std::vector<std::string>> read;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto n = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
    RC_ASSERT(reader.feed(rest.substr(0, n)).has_value());
    rest.remove_prefix(n);
    while (auto reply = reader.next().value()) {
      auto& words = read.emplace_back();
      for (const Reply& element : reply->elements) words.push_back(element.text);
    }
  }
  RC_ASSERT(read == commands);
}

}  // namespace
}  // namespace respring::redis
