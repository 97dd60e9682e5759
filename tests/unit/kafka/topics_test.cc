#include "kafka/topics.h"

#include <gtest/gtest.h>

#include "contract/kafka_topics.h"
#include "kafka/tail.h"

namespace respring::kafka {
namespace {

using testing::KafkaTopics;
using testing::kTestTopic;
using Kind = TopicStep::Kind;

std::map<std::string, Kind> kinds_of(const Result<std::vector<TopicStep>>& plan) {
  std::map<std::string, Kind> kinds;
  EXPECT_TRUE(plan);
  if (!plan) return kinds;
  for (const auto& step : plan.value()) kinds[step.spec.name] = step.kind;
  return kinds;
}

chat::BusRecord record(std::string key, std::string value) {
  chat::BusRecord made;
  made.key = std::move(key);
  made.value = std::move(value);
  return made;
}

TEST(KafkaTopicPlan, MakesWhatIsMissingAndLeavesTheRest) {
  const KafkaTopics topics;
  const std::vector<TopicSpec> wanted = {
      {kTestTopic, 8}, {"respring.user-events.v1", 64}, {"respring.more.v1", 3}};
  auto plan = plan_topics(topics.options(), wanted);
  EXPECT_EQ(kinds_of(plan), (std::map<std::string, Kind>{{kTestTopic, Kind::keep},
                                                         {"respring.user-events.v1", Kind::differs},
                                                         {"respring.more.v1", Kind::create}}));
  EXPECT_NE(plan.value()[1].reason.find("8 partitions instead of 64"), std::string::npos);
  ASSERT_TRUE(apply_topics(topics.options(), plan.value()));
  ASSERT_TRUE(apply_topics(topics.options(), plan.value())) << "somebody else was quicker";
  EXPECT_EQ(kinds_of(plan_topics(topics.options(), wanted))["respring.more.v1"], Kind::keep);
  EXPECT_TRUE(delete_topics(topics.options(), {"respring.more.v1"}));
}

TEST(KafkaTopicPlan, ThePlatformsTopics) {
  std::map<std::string, int> partitions;
  for (const auto& spec : platform_topics()) partitions[spec.name] = spec.partitions;
  EXPECT_EQ(partitions, (std::map<std::string, int>{{"respring.room-events.v1", 64},
                                                    {"respring.room-events.v1.dlq", 1},
                                                    {"respring.user-events.v1", 64},
                                                    {"respring.user-events.v1.dlq", 1}}));
}

TEST(KafkaTopicPlan, AMissingTopicIsOneSentenceWithTheRepair) {
  const KafkaTopics topics;
  const auto bus = topics.open();
  const auto published = bus->publish("respring.none.v1", {record("1", "x")});
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::not_found);
  EXPECT_EQ(published.error().detail, "kafka://" + topics.options().brokers + " has no topic " +
                                          topics.options().prefix +
                                          "respring.none.v1: `respring events topics apply` makes "
                                          "it");
  const auto subscribed = bus->subscribe("search", "respring.none.v1");
  ASSERT_FALSE(subscribed);
  EXPECT_EQ(subscribed.error().detail, published.error().detail);
  EXPECT_FALSE(bus->lag("search", "respring.none.v1"));
  const auto plan = plan_topics(topics.options(), {{"respring.none.v1", 2}});
  EXPECT_EQ(kinds_of(plan)["respring.none.v1"], Kind::create) << "asking did not make it";
}

TEST(KafkaTail, ReadsAlongFromEitherEnd) {
  const KafkaTopics topics;
  const auto bus = topics.open();
  ASSERT_TRUE(bus->publish(kTestTopic, {record("1", "old"), record("2", "old")}));
  const auto fresh = Tail::open(topics.options(), kTestTopic, Tail::From::end);
  ASSERT_TRUE(fresh) << fresh.error().detail;
  ASSERT_TRUE(bus->publish(kTestTopic, {record("3", "new")}));
  const auto last = fresh.value()->poll(10, std::chrono::seconds(10)).value();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].value, "new");
  const auto all = Tail::open(topics.options(), kTestTopic, Tail::From::oldest).value();
  std::size_t count = 0;
  while (count < 3) {
    const auto some = all->poll(10, std::chrono::seconds(10)).value();
    ASSERT_FALSE(some.empty());
    count += some.size();
  }
  EXPECT_EQ(count, 3U);
  EXPECT_TRUE(all->poll(10, std::chrono::milliseconds(50)).value().empty());
  EXPECT_FALSE(Tail::open(topics.options(), "respring.none.v1", Tail::From::end));
}

}  // namespace
}  // namespace respring::kafka
