#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "kafka/consumer.h"
#include "kafka/event_bus.h"
#include "kafka/topics.h"
#include "stack/endpoints.h"

/// A real Kafka for the adapters of pkg/kafka.
namespace respring::testing {

inline const std::string kTestTopic = "respring.room-events.v1";

/// Topics of this test's own on a cluster: the platform's, under a prefix that nobody else has,
/// with few partitions. They go with this.
class KafkaTopics {
 public:
  explicit KafkaTopics(std::string brokers = stack::Endpoints().kafka_bootstrap(),
                       int partitions = 8) {
    options_.brokers = std::move(brokers);
    options_.prefix = "test-" + std::to_string(new_id_value()) + "-";
    for (auto& spec : kafka::platform_topics()) {
      spec.partitions = std::min(spec.partitions, partitions);
      specs_.push_back(std::move(spec));
    }
    make();
  }
  ~KafkaTopics() {
    std::vector<std::string> names;
    for (const auto& spec : specs_) names.push_back(spec.name);
    (void)kafka::delete_topics(options_, names);  // a broker that a test has killed keeps them
  }
  KafkaTopics(const KafkaTopics&) = delete;
  KafkaTopics& operator=(const KafkaTopics&) = delete;

  const kafka::Options& options() const { return options_; }
  std::unique_ptr<kafka::EventBus> open() const { return open(options_); }
  std::unique_ptr<kafka::EventBus> open(kafka::Options options) const {
    return kafka::open_event_bus(std::move(options)).value();
  }

 private:
  void make() {
    auto plan = kafka::plan_topics(options_, specs_);
    ASSERT_TRUE(plan) << plan.error().detail;
    const auto made = kafka::apply_topics(options_, plan.value());
    ASSERT_TRUE(made) << made.error().detail;
  }

  kafka::Options options_;
  std::vector<kafka::TopicSpec> specs_;
};

/// Polls all members until each has its part of the partitions, and together they have
/// `partitions`. What they read meanwhile is returned.
inline std::vector<chat::BusRecord> settle(const std::vector<chat::BusConsumer*>& members,
                                           std::size_t partitions) {
  std::vector<chat::BusRecord> read;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < end) {
    std::size_t parts = 0;
    bool all = true;
    for (auto* member : members) {
      auto some = member->poll(1000, std::chrono::milliseconds(20));
      if (some) std::ranges::move(some.value(), std::back_inserter(read));
      const auto part = dynamic_cast<kafka::Consumer&>(*member).assigned();
      all = all && part && *part > 0;
      parts += part.value_or(0);
    }
    if (all && parts == partitions) return read;
  }
  ADD_FAILURE() << "the group did not share out its partitions";
  return read;
}

}  // namespace respring::testing
