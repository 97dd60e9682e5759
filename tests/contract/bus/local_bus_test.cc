#include "bus_contract.h"
#include "contract/temporary_folder.h"
#include "dead_letters_contract.h"
#include "local/event_bus.h"
#include "sqlite/connection.h"
#include "store/migrations.h"

namespace respring::testing {
namespace {

class LocalBus final : public BusUnderTest {
 public:
  LocalBus() { open(); }
  chat::EventBus& bus() override { return *bus_; }
  local::EventBus& local() { return *bus_; }
  void reopen() override {
    bus_.reset();
    open();
  }

 private:
  void open() {
    sqlite::Options options;
    options.path = (folder_.path() / "bus.db").string();
    const auto connect = sqlite::connector(options);
    ASSERT_TRUE(store::migrate(*connect().value(), store::built_in_migrations("bus")));
    auto opened = local::EventBus::open({connect});
    ASSERT_TRUE(opened) << opened.assume_error().detail;
    bus_ = std::move(opened).assume_value();
  }

  TemporaryFolder folder_;
  std::unique_ptr<local::EventBus> bus_;
};

INSTANTIATE_TEST_SUITE_P(Adapters, BusContract,
                         ::testing::Values(BusMaker{"local",
                                                    [] { return std::make_unique<LocalBus>(); }}),
                         [](const auto& a_case) { return a_case.param.name; });

INSTANTIATE_TEST_SUITE_P(Adapters, DeadLettersContract,
                         ::testing::Values(BusMaker{"local",
                                                    [] { return std::make_unique<LocalBus>(); }}),
                         [](const auto& a_case) { return a_case.param.name; });

class LocalBusRetention : public ::testing::Test {
 protected:
  void publish(int count) {
    std::vector<chat::BusRecord> records(static_cast<std::size_t>(count));
    for (auto& record : records) record.key = "k";
    ASSERT_TRUE(place.bus().publish("t", records));
  }
  // The cleaner works in the background; it has as long as it takes, but not for ever.
  bool becomes_stored(std::int64_t count) {
    for (int i = 0; i < 1000; ++i) {
      if (place.local().stored("t").value() == count) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  LocalBus place;
};

TEST_F(LocalBusRetention, WhatAllGroupsHaveCommittedIsDeleted) {
  auto one = place.bus().subscribe("one", "t").value();
  auto two = place.bus().subscribe("two", "t").value();
  publish(1200);
  const auto first = one->poll(2000, std::chrono::seconds(5)).value();
  ASSERT_EQ(first.size(), 1200U);
  ASSERT_TRUE(one->commit(first));
  EXPECT_EQ(place.local().stored("t").value(), 1200);
  const auto second = two->poll(2000, std::chrono::seconds(5)).value();
  ASSERT_TRUE(two->commit({second.begin(), second.begin() + 900}));
  EXPECT_TRUE(becomes_stored(300));
  EXPECT_EQ(place.bus().lag("two", "t").value(), 300);
}

TEST_F(LocalBusRetention, OffsetsGoOnAfterEverythingWasDeletedAndARestart) {
  {
    auto consumer = place.bus().subscribe("one", "t").value();
    publish(10);
    ASSERT_TRUE(consumer->commit(consumer->poll(100, std::chrono::seconds(5)).value()));
    EXPECT_TRUE(becomes_stored(0));
  }
  place.reopen();
  auto consumer = place.bus().subscribe("one", "t").value();
  publish(1);
  const auto got = consumer->poll(100, std::chrono::seconds(5)).value();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].offset, 10);
}

TEST(LocalBusPartitions, AreTheSameForEver) {
  EXPECT_EQ(local::bus_partition_of(""), 1);
  EXPECT_EQ(local::bus_partition_of("1"), 48);
  EXPECT_EQ(local::bus_partition_of("913774558612951040"), 11);
  std::set<int> used;
  for (int i = 0; i < 2000; ++i) used.insert(local::bus_partition_of(std::to_string(i)));
  EXPECT_EQ(used.size(), static_cast<std::size_t>(local::kBusPartitions));
}

}  // namespace
}  // namespace respring::testing
