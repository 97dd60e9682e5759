#include "base/time.h"
#include "base/ids.h"

#include <gtest/gtest.h>

namespace respring {
namespace {

TEST(Time, RoundTripsRfc3339) {
  EXPECT_EQ(to_rfc3339(from_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_ms(*parse_rfc3339("2026-11-22T09:12:00.123Z")),
            to_ms(*parse_rfc3339("2026-11-22T18:12:00.1239+09:00")));
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-22T09:12:00.5Z")), "2026-11-22T09:12:00.500Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-22")), "2026-11-22T00:00:00.000Z");
  for (const char* text : {"", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22T09:12:00",
                           "2026-11-22T25:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Ids, AreDecimalWithoutSignOrLeadingZero) {
  EXPECT_EQ(parse_id("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "0", "01", "-1", "+1", "1 ", "9223372036854775808", "abc"})
    EXPECT_FALSE(parse_id(text)) << text;
  EXPECT_NE(new_id<UserId>(), new_id<UserId>());
  EXPECT_GT(new_id_value(), 0);
}

TEST(Uuid, ReadsAnyCaseAndWritesLower) {
  EXPECT_EQ(Uuid::parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6")->str(),
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  for (const char* text :
       {"", "f81d4fae7dec11d0a76500a0c91e6bf6", "g81d4fae-7dec-11d0-a765-00a0c91e6bf6"})
    EXPECT_FALSE(Uuid::parse(text));
}

}  // namespace
}  // namespace respring
