#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "chat/ports/event_bus.h"

/// What every event bus must do.
namespace respring::testing {

/// A durable place for a bus; reopen() is a restart of the process that used it.
class BusUnderTest {
 public:
  virtual ~BusUnderTest() = default;
  virtual chat::EventBus& bus() = 0;
  virtual void reopen() = 0;
  /// Returns when each of these members of a group has its part, for adapters that need time to
  /// share out.
  virtual void settle(const std::vector<chat::BusConsumer*>&) {}
};

struct BusMaker {
  std::string name;
  std::function<std::unique_ptr<BusUnderTest>()> make;
};

class BusContract : public ::testing::TestWithParam<BusMaker> {
 protected:
  static constexpr auto kWait = std::chrono::seconds(10);
  using Records = std::vector<chat::BusRecord>;

  chat::EventBus& bus() { return place->bus(); }
  std::unique_ptr<chat::BusConsumer> join(const std::string& group) {
    auto joined = bus().subscribe(group, topic);
    EXPECT_TRUE(joined) << joined.assume_error().detail;
    return std::move(joined).assume_value();
  }
  void publish(const std::string& key, const std::string& value) {
    chat::BusRecord record;
    record.key = key;
    record.value = value;
    const auto done = bus().publish(topic, {record});
    ASSERT_TRUE(done) << done.assume_error().detail;
  }
  // `count` numbered records over some keys: the n-th of key k has value n.
  void publish_numbers(int keys, int count) {
    Records records;
    for (int n = 0; n < count; ++n)
      for (int key = 0; key < keys; ++key) {
        chat::BusRecord record;
        record.key = "room-" + std::to_string(key);
        record.value = std::to_string(n);
        records.push_back(std::move(record));
      }
    ASSERT_TRUE(bus().publish(topic, records));
  }
  static Records poll(chat::BusConsumer& consumer, std::size_t max = 1000,
                      std::chrono::milliseconds wait = kWait) {
    auto polled = consumer.poll(max, wait);
    EXPECT_TRUE(polled) << polled.assume_error().detail;
    return polled ? std::move(polled).assume_value() : Records{};
  }
  static Records poll_all(chat::BusConsumer& consumer, std::size_t count) {
    Records all;
    while (all.size() < count) {
      auto some = poll(consumer, 7);
      if (some.empty()) break;  // nothing came in all that time
      std::ranges::move(some, std::back_inserter(all));
    }
    return all;
  }
  std::int64_t lag(const std::string& group) { return bus().lag(group, topic).value(); }

  const std::string topic = "respring.room-events.v1";
  std::unique_ptr<BusUnderTest> place = GetParam().make();
};

TEST_P(BusContract, RecordsArriveWithEverythingTheyHad) {
  auto consumer = join("search");
  chat::BusRecord record;
  record.key = "42";
  record.value = R"({"text":"안녕 \"하세요\""})";
  record.headers = {{"traceparent", "00-ab"}, {"schema", "1"}};
  ASSERT_TRUE(bus().publish(topic, {record}));
  const auto got = poll(*consumer);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].key, "42");
  EXPECT_EQ(got[0].value, record.value);
  EXPECT_EQ(got[0].headers, record.headers);
  EXPECT_EQ(got[0].topic, topic);
}

TEST_P(BusContract, RecordsOfAKeyStayInOrder) {
  auto consumer = join("search");
  publish_numbers(20, 50);
  std::map<std::string, int> next;
  std::map<std::string, int> partition;
  for (const auto& record : poll_all(*consumer, 1000)) {
    EXPECT_EQ(record.value, std::to_string(next[record.key]++));
    const auto [at, added] = partition.emplace(record.key, record.partition);
    EXPECT_EQ(at->second, record.partition);
  }
  EXPECT_EQ(next.size(), 20U);
  EXPECT_EQ(next["room-7"], 50);
}

TEST_P(BusContract, EveryGroupGetsEverything) {
  auto search = join("search");
  auto push = join("notification");
  publish_numbers(3, 10);
  EXPECT_EQ(poll_all(*search, 30).size(), 30U);
  EXPECT_EQ(poll_all(*push, 30).size(), 30U);
}

TEST_P(BusContract, ANewGroupBeginsWithTheOldestThereIs) {
  publish_numbers(2, 5);
  auto late = join("search");
  EXPECT_EQ(poll_all(*late, 10).size(), 10U);
}

TEST_P(BusContract, APollWakesUpAsSoonAsSomethingComes) {
  auto consumer = join("search");
  std::thread publisher([&] { publish("1", "x"); });
  const auto got = poll(*consumer, 10, std::chrono::minutes(5));
  publisher.join();
  EXPECT_EQ(got.size(), 1U);
}

TEST_P(BusContract, AnEmptyPollEndsAfterItsWait) {
  auto consumer = join("search");
  EXPECT_TRUE(poll(*consumer, 10, std::chrono::milliseconds(20)).empty());
}

TEST_P(BusContract, AfterARestartAGroupGoesOnBehindWhatItCommitted) {
  {
    auto consumer = join("search");
    publish_numbers(1, 10);
    const auto got = poll_all(*consumer, 10);
    ASSERT_EQ(got.size(), 10U);
    ASSERT_TRUE(consumer->commit({got.begin(), got.begin() + 4}));
    EXPECT_EQ(lag("search"), 6);
  }
  place->reopen();
  EXPECT_EQ(lag("search"), 6);
  auto consumer = join("search");
  const auto again = poll_all(*consumer, 6);
  ASSERT_EQ(again.size(), 6U);
  EXPECT_EQ(again.front().value, "4");
  ASSERT_TRUE(consumer->commit(again));
  EXPECT_EQ(lag("search"), 0);
}

TEST_P(BusContract, PublishedRecordsSurviveARestart) {
  publish_numbers(5, 5);
  place->reopen();
  publish_numbers(5, 1);
  auto consumer = join("search");
  EXPECT_EQ(poll_all(*consumer, 30).size(), 30U);
}

TEST_P(BusContract, MembersOfAGroupShareThePartitions) {
  auto one = join("search");
  auto two = join("search");
  place->settle({one.get(), two.get()});
  publish_numbers(40, 5);
  std::map<std::string, std::set<int>> readers;
  std::size_t total = 0;
  const auto end = std::chrono::steady_clock::now() + kWait;
  for (int turn = 0; total < 200 && std::chrono::steady_clock::now() < end; ++turn) {
    auto& consumer = turn % 2 == 0 ? *one : *two;
    const auto some = poll(consumer, 1000, std::chrono::milliseconds(100));
    for (const auto& record : some) readers[record.key].insert(turn % 2);
    total += some.size();
  }
  EXPECT_EQ(total, 200U);
  std::set<int> used;
  for (const auto& [key, who] : readers) {
    EXPECT_EQ(who.size(), 1U) << key;
    used.insert(*who.begin());
  }
  EXPECT_EQ(used.size(), 2U);
}

TEST_P(BusContract, WhoLeavesAGroupLosesNothingForIt) {
  auto one = join("search");
  auto two = join("search");
  place->settle({one.get(), two.get()});
  publish_numbers(40, 2);
  (void)poll(*two, 1000);  // read, but not committed
  two.reset();
  std::map<std::string, std::set<std::string>> got;
  for (const auto& record : poll_all(*one, 80)) got[record.key].insert(record.value);
  EXPECT_EQ(got.size(), 40U);
  for (const auto& [key, values] : got) EXPECT_EQ(values.size(), 2U) << key;
}

TEST_P(BusContract, CommittingAgainOrLateNeverGoesBack) {
  auto consumer = join("search");
  publish_numbers(1, 6);
  const auto got = poll_all(*consumer, 6);
  ASSERT_TRUE(consumer->commit(got));
  ASSERT_TRUE(consumer->commit({got[0]}));
  EXPECT_EQ(lag("search"), 0);
}

TEST_P(BusContract, ManyPublishersAtOnce) {
  auto consumer = join("search");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      for (int i = 0; i < 25; ++i) publish(std::to_string(t), std::to_string(i));
    });
  for (auto& thread : threads) thread.join();
  std::map<std::string, int> next;
  for (const auto& record : poll_all(*consumer, 100))
    EXPECT_EQ(record.value, std::to_string(next[record.key]++));
  EXPECT_EQ(next.size(), 4U);
}

}  // namespace respring::testing
