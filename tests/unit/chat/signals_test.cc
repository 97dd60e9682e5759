#include "chat/signals.h"

#include <gtest/gtest.h>

namespace respring::chat {
namespace {

RoomSignal event() {
  RoomSignal signal{.kind = RoomSignal::Kind::event, .room = RoomId{7}, .epoch = 2};
  signal.seq = 41;
  signal.affected = UserId{9};
  signal.left = true;
  signal.at = from_ms(1'800'000'000'123);
  signal.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  signal.json = R"({"seq":41})";
  return signal;
}

TEST(RoomSignal, ComesBackAsItWasSent) {
  const auto payload = encode(event());
  const auto read = decode_signal(*payload);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, RoomSignal::Kind::event);
  EXPECT_EQ(read->room, RoomId{7});
  EXPECT_EQ(read->epoch, 2);
  EXPECT_EQ(read->seq, 41);
  EXPECT_EQ(read->affected, UserId{9});
  EXPECT_TRUE(read->left);
  EXPECT_EQ(read->at, from_ms(1'800'000'000'123));
  EXPECT_EQ(read->trace, event().trace);
  EXPECT_EQ(read->json, R"({"seq":41})");
}

TEST(RoomSignal, HasNoTraceWhereNobodyFollowsIt) {
  auto signal = event();
  signal.trace = {};
  const auto payload = encode(signal);
  EXPECT_EQ(payload->substr(0, payload->find('\n')), "0 7 2 41 9 1 1800000000123");
  const auto read = decode_signal(*payload);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->trace, "");
}

TEST(RoomSignal, OfANodeOfTheVersionBeforeHasNoTime) {
  const auto read = decode_signal("0 7 2 41 9 1\n{}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, 41);
  EXPECT_TRUE(read->left);
  EXPECT_EQ(read->at, Time{});
  EXPECT_EQ(read->trace, "");
}

TEST(RoomSignal, OfANodeOfALaterVersionMayHaveMore) {
  const auto read = decode_signal("0 7 2 41 9 0 5 6 7\n{}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at, from_ms(5));
  EXPECT_EQ(read->json, "{}");
}

TEST(RoomSignal, WhatIsNoneOfOursIsNotRead) {
  for (const char* payload : {"", "{}", "0 7 2 41 9\n{}", "99 7 2 41 9 0\n{}", "a b\n{}"})
    EXPECT_FALSE(decode_signal(payload)) << payload;
}

}  // namespace
}  // namespace respring::chat
