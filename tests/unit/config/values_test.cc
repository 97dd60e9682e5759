#include "config/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace respring::config {
namespace {

using std::chrono::milliseconds;

TEST(Values, RatesReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_rate("20/s burst 60").value(), Rate::per_second(20, 60));
  EXPECT_EQ(parse_rate("10/min").value(), Rate::per_minute(10));
  EXPECT_EQ(parse_rate("10/min").value().burst, 10U);
  EXPECT_TRUE(parse_rate("off").value().off());
  EXPECT_DOUBLE_EQ(parse_rate("30/min").value().tokens_per_second(), 0.5);
  EXPECT_DOUBLE_EQ(parse_rate("0.5/s").value().tokens_per_second(), 0.5);
  for (const char* bad : {"", "20", "20/d", "/s", "-1/s", "0/s", "20/s burst", "20/s burst 0",
                          "20/s burst x", "nan/s", "inf/s", "20/s burst 60 x"}) {
    EXPECT_FALSE(parse_rate(bad).has_value()) << bad;
  }
}

TEST(Values, DurationsAndSizesNeedAUnit) {
  EXPECT_EQ(parse_duration("500ms").value(), milliseconds(500));
  EXPECT_EQ(parse_duration("10s").value(), milliseconds(10'000));
  EXPECT_EQ(parse_duration("1.5h").value(), milliseconds(5'400'000));
  EXPECT_EQ(parse_duration("30d").value(), std::chrono::days(30));
  EXPECT_EQ(parse_duration("0").value(), milliseconds(0));
  for (const char* bad : {"", "10", "s", "10 years", "-1s", "1.0005s", "99999999999999999d"}) {
    EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
  }
  EXPECT_EQ(parse_bytes("64KiB").value(), Bytes{65536});
  EXPECT_EQ(parse_bytes("512").value(), Bytes{512});
  EXPECT_FALSE(parse_bytes("64KB").has_value());  // 1000 or 1024? it does not say
}

TEST(Values, EndpointsKnowIpv6AndEveryAddress) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:8080").value(), (Endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(parse_endpoint("[::1]:80").value(), (Endpoint{"::1", 80}));
  EXPECT_EQ(parse_endpoint(":8080").value(), (Endpoint{"", 8080}));
  EXPECT_EQ(parse_endpoint("localhost:0").value(), (Endpoint{"localhost", 0}));
  for (const char* bad :
       {"", "8080", "host", "host:", "host:65536", "host:-1", "a b:1", "::1:80"}) {
    EXPECT_FALSE(parse_endpoint(bad).has_value()) << bad;
  }
}

TEST(Values, WhatIsWrittenReadsBackTheSame) {
  for (const char* text : {"20/s burst 60", "10/min", "off", "100/s burst 300", "0.5/s", "3/h"}) {
    EXPECT_EQ(to_text(parse_rate(text).value()), text);
  }
  for (const char* text : {"0s", "500ms", "10s", "90s", "5m", "2h", "30d"}) {
    EXPECT_EQ(to_text(parse_duration(text).value()), text);
  }
  for (const char* text : {"0B", "512B", "64KiB", "1MiB", "1536KiB"}) {
    EXPECT_EQ(to_text(parse_bytes(text).value()), text);
  }
  for (const char* text : {"127.0.0.1:8080", "[::1]:80", ":8080"}) {
    EXPECT_EQ(to_text(parse_endpoint(text).value()), text);
  }
}

}  // namespace
}  // namespace respring::config
