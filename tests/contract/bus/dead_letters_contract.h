#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "bus_contract.h"
#include "chat/dead_letters.h"
#include "chat/event_follower.h"

/// What followers do with events that cannot be handled, on every event bus.
namespace respring::testing {

class DeadLettersContract : public BusContract {
 protected:
  /// Handles everything but the values that are poison just now.
  class Handler {
   public:
    Result<void> operator()(const std::vector<chat::BusRecord>& records) {
      const std::lock_guard lock(mutex_);
      ++calls_;
      for (const auto& record : records) {
        const auto found = poison_.find(record.value);
        if (found != poison_.end()) return Error{found->second, "bad " + record.value, {}, {}};
      }
      for (const auto& record : records) done_.insert(record.value);
      return success();
    }
    void poison(const std::string& value, ErrorCode code) {
      const std::lock_guard lock(mutex_);
      poison_[value] = code;
    }
    void heal() {
      const std::lock_guard lock(mutex_);
      poison_.clear();
    }
    std::multiset<std::string> done() {
      const std::lock_guard lock(mutex_);
      return done_;
    }
    int calls() {
      const std::lock_guard lock(mutex_);
      return calls_;
    }

   private:
    std::mutex mutex_;
    std::map<std::string, ErrorCode> poison_;
    std::multiset<std::string> done_;
    int calls_ = 0;
  };

  std::unique_ptr<chat::EventFollower> follow(const std::string& group, Handler& handler) {
    chat::EventFollower::Options options{.group = group, .topic = topic};
    options.apply = [&handler](const auto& records) { return handler(records); };
    options.attempts = 2;
    auto follower = std::make_unique<chat::EventFollower>(bus(), std::move(options));
    follower->start();
    return follower;
  }
  template <class Condition>
  static bool becomes(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
  }
  std::vector<chat::DeadLetter> dead() {
    auto letters = chat::list_dead_letters(bus(), topic, 100);
    EXPECT_TRUE(letters) << letters.error().detail;
    return letters ? std::move(letters).value() : std::vector<chat::DeadLetter>{};
  }
};

TEST_P(DeadLettersContract, AnEventThatCannotBeHandledStepsAside) {
  for (const char* value : {"1", "2", "3", "4", "5"}) publish("room", value);
  Handler handler;
  handler.poison("2", ErrorCode::invalid_request);
  handler.poison("4", ErrorCode::conflict);
  const auto follower = follow("search", handler);
  EXPECT_TRUE(becomes([&] { return handler.done().count("5") > 0 && lag("search") == 0; }));
  for (const char* value : {"1", "3"}) EXPECT_GE(handler.done().count(value), 1U);
  const auto letters = dead();
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].group, "search");
  EXPECT_EQ(letters[0].reason, "bad 2");
  EXPECT_EQ(letters[0].record.key, "room");
  EXPECT_EQ(letters[0].record.value, "2");
  EXPECT_EQ(letters[0].record.topic, topic);
  EXPECT_EQ(letters[0].record.offset, 1);
  EXPECT_TRUE(letters[0].record.headers.empty());
  EXPECT_EQ(letters[1].record.value, "4");
  EXPECT_EQ(letters[1].record.offset, 3);
  EXPECT_EQ(letters[1].record.partition, letters[0].record.partition);
  EXPECT_EQ(dead().size(), 2U) << "looking changes nothing";
}

TEST_P(DeadLettersContract, ARetryConcernsTheGroupThatFailed) {
  publish("room", "1");
  Handler search;
  Handler push;
  search.poison("1", ErrorCode::invalid_request);
  const auto searching = follow("search", search);
  // What every group is done with is cleaned away: one that begins after that never gets it.
  EXPECT_TRUE(becomes([&] { return search.calls() > 0; }));
  const auto pushing = follow("notification", push);
  // A group that has not begun yet has no lag either.
  EXPECT_TRUE(becomes([&] { return dead().size() == 1 && push.done().count("1") == 1; }));
  EXPECT_TRUE(becomes([&] { return lag("search") == 0 && lag("notification") == 0; }));
  ASSERT_EQ(dead().size(), 1U);
  search.heal();
  EXPECT_EQ(chat::retry_dead_letters(bus(), topic, 100).value(), 1U);
  EXPECT_TRUE(becomes([&] { return search.done().count("1") == 1; }));
  EXPECT_TRUE(becomes([&] { return lag("search") == 0 && lag("notification") == 0; }));
  EXPECT_EQ(push.done().count("1"), 1U);
  EXPECT_TRUE(dead().empty());
  EXPECT_EQ(chat::retry_dead_letters(bus(), topic, 100).value(), 0U);
}

TEST_P(DeadLettersContract, ARetryThatFailsIsADeadLetterAgain) {
  publish("room", "1");
  Handler handler;
  handler.poison("1", ErrorCode::invalid_request);
  const auto follower = follow("search", handler);
  EXPECT_TRUE(becomes([&] { return lag("search") == 0; }));
  EXPECT_EQ(chat::retry_dead_letters(bus(), topic, 100).value(), 1U);
  EXPECT_TRUE(becomes([&] { return dead().size() == 1; }));
  EXPECT_EQ(dead()[0].record.offset, 1) << "its new place";
}

TEST_P(DeadLettersContract, WhatIsAwayIsWaitedFor) {
  publish("room", "1");
  Handler handler;
  handler.poison("1", ErrorCode::upstream_unavailable);
  const auto follower = follow("search", handler);
  EXPECT_TRUE(becomes([&] { return handler.calls() >= 5; }));
  EXPECT_EQ(lag("search"), 1);
  handler.heal();
  EXPECT_TRUE(becomes([&] { return lag("search") == 0; }));
  EXPECT_EQ(handler.done().count("1"), 1U);
  EXPECT_TRUE(dead().empty());
}

}  // namespace respring::testing
