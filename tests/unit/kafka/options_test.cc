#include "kafka/options.h"

#include <gtest/gtest.h>

#include <set>

#include "kafka/cluster.h"
#include "kafka/event_bus.h"

namespace respring::kafka {
namespace {

TEST(KafkaUrl, NamesBrokers) {
  EXPECT_EQ(parse_url("kafka://a").value().brokers, "a:9092");
  EXPECT_EQ(parse_url("kafka://a:1/").value().brokers, "a:1");
  EXPECT_EQ(parse_url("kafka://a:1,b,[::1]:3").value().brokers, "a:1,b:9092,[::1]:3");
  EXPECT_EQ(parse_url("kafka://[::1]").value().brokers, "[::1]:9092");
}

TEST(KafkaUrl, SaysWhatIsWrong) {
  for (const std::string url :
       {"", "a:9092", "kafka://", "kafka://a,", "kafka://a:0", "kafka://a:65536", "kafka://a:x",
        "kafka://a:", "kafka://a/b", "kafka://u:hunter2@a", "kafka://a b"}) {
    const auto refused = parse_url(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_NE(refused.error().detail.find("kafka://host"), std::string::npos);
    EXPECT_EQ(refused.error().detail.find("hunter2"), std::string::npos);
  }
}

TEST(KafkaProperties, AWrongOneIsNamedWithoutItsValue) {
  for (const std::string name : {"no.such.property", "security.protocol"}) {
    Options options;
    options.brokers = "127.0.0.1:1";
    options.properties.emplace_back(name, Secret<std::string>("hunter2"));
    const auto bus = open_event_bus(options);
    ASSERT_FALSE(bus);
    EXPECT_NE(bus.error().detail.find(name), std::string::npos) << bus.error().detail;
    EXPECT_EQ(bus.error().detail.find("hunter2"), std::string::npos);
  }
}

TEST(KafkaPartitions, AreTheSameForEver) {
  EXPECT_EQ(partition_of("", 64), 1);
  EXPECT_EQ(partition_of("1", 64), 48);
  EXPECT_EQ(partition_of("913774558612951040", 64), 11);
  std::set<int> used;
  for (int i = 0; i < 2000; ++i) used.insert(partition_of(std::to_string(i), 64));
  EXPECT_EQ(used.size(), 64U);
  EXPECT_EQ(partition_of("x", 1), 0);
}

}  // namespace
}  // namespace respring::kafka
