// A broker that is killed, that is silent, that is not there.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "contract/kafka_topics.h"

namespace respring::kafka {
namespace {

using testing::KafkaTopics;
using testing::kTestTopic;
using Clock = std::chrono::steady_clock;

chat::BusRecord numbered(int key, int value) {
  chat::BusRecord made;
  made.key = "room-" + std::to_string(key);
  made.value = std::to_string(value);
  return made;
}

/// Everything in the topic, read as a new group, once there are `count` different records.
std::vector<chat::BusRecord> read_all(chat::EventBus& bus, const std::string& group,
                                      std::size_t count) {
  std::vector<chat::BusRecord> all;
  std::set<std::pair<std::string, std::string>> different;
  const auto consumer = bus.subscribe(group, kTestTopic).value();
  const auto end = Clock::now() + std::chrono::seconds(60);
  while (different.size() < count && Clock::now() < end) {
    auto some = consumer->poll(1000, std::chrono::milliseconds(200)).value();
    for (auto& record : some) {
      different.emplace(record.key, record.value);
      all.push_back(std::move(record));
    }
  }
  return all;
}

bool becomes(const EventBus& bus, health::State state) {
  const auto end = Clock::now() + std::chrono::seconds(30);
  while (bus.status().state != state && Clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return bus.status().state == state;
}

TEST(KafkaBroker, KilledWhilePublishingNothingIsLostOrOutOfOrder) {
  constexpr int kKeys = 10;
  testing::stack::PrivateServer server("kafka");
  const KafkaTopics topics(server.endpoints().kafka_bootstrap());
  const auto bus = topics.open();
  std::atomic<int> stored{0};  // batches; each holds one record of every key
  std::atomic<bool> enough{false};
  // As the relay does: a batch that failed is published again, and none is passed over.
  std::thread relay([&] {
    while (!enough) {
      std::vector<chat::BusRecord> batch;
      for (int key = 0; key < kKeys; ++key) batch.push_back(numbered(key, stored));
      if (bus->publish(kTestTopic, batch)) ++stored;
    }
  });
  const auto until_stored = [&](int count) {
    const auto end = Clock::now() + std::chrono::seconds(60);
    while (stored < count && Clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return stored >= count;
  };
  EXPECT_TRUE(until_stored(50));
  for (int round = 0; round < 2; ++round) {
    server.kill();
    server.start();
    EXPECT_TRUE(until_stored(stored + 50));
  }
  enough = true;
  relay.join();
  const int count = stored;
  std::map<std::string, std::vector<int>> values;
  for (const auto& record : read_all(*bus, "check", static_cast<std::size_t>(count) * kKeys))
    values[record.key].push_back(std::stoi(record.value));
  ASSERT_EQ(values.size(), static_cast<std::size_t>(kKeys));
  for (auto& [key, sequence] : values) {
    // Repeats are allowed, steps over or behind what was already stored are not.
    int highest = -1;
    for (const int value : sequence) {
      EXPECT_LE(value, highest + 1) << key;
      EXPECT_GE(value, highest) << key << ": an older record behind a newer one";
      highest = std::max(highest, value);
    }
    EXPECT_GE(highest, count - 1) << key;
  }
}

TEST(KafkaBroker, SilentItIsGivenUpInTime) {
  testing::stack::PrivateServer server("kafka");
  const KafkaTopics topics(server.endpoints().kafka_bootstrap());
  auto options = topics.options();
  options.publish_timeout = std::chrono::seconds(2);
  const auto bus = topics.open(options);
  ASSERT_TRUE(bus->publish(kTestTopic, {numbered(1, 1)}));
  server.pause();
  const auto refused = bus->publish(kTestTopic, {numbered(1, 2)});
  server.resume();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::upstream_unavailable);
  EXPECT_NE(refused.error().detail.find(options.brokers), std::string::npos);
  const auto end = Clock::now() + std::chrono::seconds(30);
  bool stored = false;
  while (!stored && Clock::now() < end)
    stored = static_cast<bool>(bus->publish(kTestTopic, {numbered(1, 2)}));
  EXPECT_TRUE(stored);
}

TEST(KafkaBroker, StoppingDoesNotWaitForIt) {
  testing::stack::PrivateServer server("kafka");
  const KafkaTopics topics(server.endpoints().kafka_bootstrap());
  const auto bus = topics.open();
  ASSERT_TRUE(bus->publish(kTestTopic, {numbered(1, 1)}));
  auto consumer = bus->subscribe("search", kTestTopic).value();
  EXPECT_EQ(consumer->poll(10, std::chrono::seconds(20)).value().size(), 1U);
  server.kill();
  std::thread publisher([&] { EXPECT_FALSE(bus->publish(kTestTopic, {numbered(1, 2)})); });
  EXPECT_TRUE(becomes(*bus, health::State::degraded));
  const auto begin = Clock::now();
  bus->stop();
  publisher.join();
  consumer.reset();
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(15));
  const auto late = bus->publish(kTestTopic, {numbered(1, 3)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::overloaded);
}

TEST(KafkaBroker, AnIdleBusNoticesThatItIsGoneAndBack) {
  testing::stack::PrivateServer server("kafka");
  const KafkaTopics topics(server.endpoints().kafka_bootstrap());
  const auto bus = topics.open();
  ASSERT_TRUE(bus->publish(kTestTopic, {numbered(1, 1)}));
  EXPECT_EQ(bus->status().state, health::State::ok);
  server.kill();
  EXPECT_TRUE(becomes(*bus, health::State::degraded));
  server.start();
  EXPECT_TRUE(becomes(*bus, health::State::ok));
}

TEST(KafkaBroker, NotThereIsAnErrorThatNamesIt) {
  Options options;
  options.brokers = "127.0.0.1:1";
  options.request_timeout = std::chrono::milliseconds(500);
  const auto bus = open_event_bus(options).value();
  const auto refused = bus->publish(kTestTopic, {numbered(1, 1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::upstream_unavailable);
  EXPECT_NE(refused.error().detail.find("kafka://127.0.0.1:1"), std::string::npos);
  EXPECT_FALSE(bus->subscribe("search", kTestTopic));
}

}  // namespace
}  // namespace respring::kafka
