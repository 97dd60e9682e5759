// Members of a group that come and go while there is work.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "chat/event_follower.h"
#include "contract/kafka_topics.h"

namespace respring::kafka {
namespace {

using testing::KafkaTopics;
using testing::kTestTopic;
using testing::settle;
using Clock = std::chrono::steady_clock;

class KafkaGroups : public ::testing::Test {
 protected:
  static constexpr int kPartitions = 8;
  static constexpr int kKeys = 40;

  void publish(int from, int to) {
    std::vector<chat::BusRecord> records;
    for (int value = from; value < to; ++value)
      for (int key = 0; key < kKeys; ++key) {
        auto& record = records.emplace_back();
        record.key = "room-" + std::to_string(key);
        record.value = std::to_string(value);
      }
    const auto done = bus->publish(kTestTopic, records);
    ASSERT_TRUE(done) << done.error().detail;
  }

  KafkaTopics topics;
  std::unique_ptr<EventBus> bus = topics.open();
};

/// What followers did, in the order they did it.
class Effects {
 public:
  Result<void> apply(const std::vector<chat::BusRecord>& records) {
    const std::lock_guard lock(mutex_);
    for (const auto& record : records) {
      const int value = std::stoi(record.value);
      auto& highest = highest_.try_emplace(record.key, -1).first->second;
      if (value > highest + 1) ++gaps_;
      if (value <= highest) ++repeats_;
      highest = std::max(highest, value);
    }
    return success();
  }
  bool complete(int keys, int last) {
    const std::lock_guard lock(mutex_);
    if (static_cast<int>(highest_.size()) < keys) return false;
    return std::ranges::all_of(highest_, [&](const auto& one) { return one.second >= last; });
  }
  int gaps() const { return gaps_; }
  int repeats() const { return repeats_; }

 private:
  std::mutex mutex_;
  std::map<std::string, int> highest_;
  int gaps_ = 0;
  int repeats_ = 0;
};

TEST_F(KafkaGroups, FollowersComeAndGoAndNothingIsLeftOut) {
  constexpr int kValues = 400;
  Effects effects;
  const auto follower = [&] {
    chat::EventFollower::Options options{.group = "search", .topic = kTestTopic};
    options.batch = 50;
    options.apply = [&](const auto& records) { return effects.apply(records); };
    auto made = std::make_unique<chat::EventFollower>(*bus, std::move(options));
    made->start();
    return made;
  };
  std::thread publisher([&] {
    for (int value = 0; value < kValues; value += 10) {
      publish(value, value + 10);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  auto first = follower();
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  auto second = follower();
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  auto third = follower();
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  second.reset();
  publisher.join();
  first.reset();
  const auto end = Clock::now() + std::chrono::seconds(60);
  while (!effects.complete(kKeys, kValues - 1) && Clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(effects.complete(kKeys, kValues - 1));
  EXPECT_EQ(effects.gaps(), 0);
  third.reset();
  EXPECT_EQ(bus->lag("search", kTestTopic).value(), 0);
}

TEST_F(KafkaGroups, AMemberThatStaysIsHandedNothingTwice) {
  auto one = bus->subscribe("search", kTestTopic).value();
  settle({one.get()}, kPartitions);
  publish(0, 5);
  std::map<std::pair<int, std::int64_t>, int> handed;
  const auto take = [&](const std::vector<chat::BusRecord>& records) {
    for (const auto& record : records) ++handed[{record.partition, record.offset}];
  };
  while (handed.size() < 100) take(one->poll(7, std::chrono::seconds(10)).value());
  auto two = bus->subscribe("search", kTestTopic).value();
  take(settle({one.get(), two.get()}, kPartitions));
  // The other one begins behind what was committed, which is nothing; this one does not.
  std::set<int> mine;
  while (true) {
    const auto some = one->poll(100, std::chrono::milliseconds(500)).value();
    if (some.empty()) break;
    for (const auto& record : some) {
      EXPECT_EQ((++handed[{record.partition, record.offset}]), 1);
      mine.insert(record.partition);
    }
  }
  EXPECT_LE(mine.size(), 4U);
}

TEST_F(KafkaGroups, ALateCommitOfWhatOthersHaveChangesNothing) {
  auto one = bus->subscribe("search", kTestTopic).value();
  settle({one.get()}, kPartitions);
  publish(0, 5);
  std::vector<chat::BusRecord> all;
  while (all.size() < 5 * kKeys) {
    auto some = one->poll(1000, std::chrono::seconds(10)).value();
    ASSERT_FALSE(some.empty());
    std::ranges::move(some, std::back_inserter(all));
  }
  auto two = bus->subscribe("search", kTestTopic).value();
  settle({one.get(), two.get()}, kPartitions);
  ASSERT_TRUE(one->commit(all)) << "half of it is no longer its own, and that is no error";
  const auto left = bus->lag("search", kTestTopic).value();
  EXPECT_GT(left, 0);
  EXPECT_LT(left, 5 * kKeys);
}

TEST_F(KafkaGroups, WhoAsksForNothingGivesItsPartToOthersAndMayComeBack) {
  auto options = topics.options();
  options.session_timeout = options.longest_pause = std::chrono::seconds(6);
  const auto patient = topics.open(options);
  auto stuck = patient->subscribe("search", kTestTopic).value();
  auto other = patient->subscribe("search", kTestTopic).value();
  settle({stuck.get(), other.get()}, kPartitions);
  publish(0, 3);
  std::vector<chat::BusRecord> held;
  const auto end = Clock::now() + std::chrono::seconds(60);
  while (held.empty() && Clock::now() < end)
    held = stuck->poll(1000, std::chrono::milliseconds(500)).value();
  ASSERT_FALSE(held.empty());
  std::set<std::pair<std::string, std::string>> got;
  while (got.size() < 3 * kKeys && Clock::now() < end) {
    const auto some = other->poll(1000, std::chrono::milliseconds(200)).value();
    for (const auto& record : some) got.emplace(record.key, record.value);
    ASSERT_TRUE(other->commit(some));
  }
  EXPECT_EQ(got.size(), 3U * kKeys);
  EXPECT_TRUE(stuck->commit(held)) << "its work is done, others have done it too";
  settle({stuck.get(), other.get()}, kPartitions);
  EXPECT_EQ(bus->lag("search", kTestTopic).value(), 0);
}

}  // namespace
}  // namespace respring::kafka
