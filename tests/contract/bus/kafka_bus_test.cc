#include <gtest/gtest.h>

#include "bus_contract.h"
#include "contract/kafka_topics.h"
#include "dead_letters_contract.h"

namespace respring::testing {
namespace {

constexpr int kPartitions = 8;

class KafkaBus final : public BusUnderTest {
 public:
  KafkaBus() { reopen(); }
  chat::EventBus& bus() override { return *bus_; }
  void reopen() override {
    bus_.reset();
    bus_ = topics_.open();
  }
  void settle(const std::vector<chat::BusConsumer*>& members) override {
    EXPECT_TRUE(testing::settle(members, kPartitions).empty());
  }

 private:
  KafkaTopics topics_{stack::Endpoints().kafka_bootstrap(), kPartitions};
  std::unique_ptr<kafka::EventBus> bus_;
};

INSTANTIATE_TEST_SUITE_P(Adapters, BusContract,
                         ::testing::Values(BusMaker{"kafka",
                                                    [] { return std::make_unique<KafkaBus>(); }}),
                         [](const auto& a_case) { return a_case.param.name; });

INSTANTIATE_TEST_SUITE_P(Adapters, DeadLettersContract,
                         ::testing::Values(BusMaker{"kafka",
                                                    [] { return std::make_unique<KafkaBus>(); }}),
                         [](const auto& a_case) { return a_case.param.name; });

}  // namespace
}  // namespace respring::testing
