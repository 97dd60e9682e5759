#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "chat/ports/pub_sub.h"

/// What every pub/sub must do. Delivery may take a moment, so the suite waits for what it expects
/// and, to show that something does not come, for a later message on the same connection.
namespace respring::testing {

struct PubSubMaker {
  std::string name;
  std::function<std::unique_ptr<chat::PubSub>()> make;
};

/// Collects what a subscription receives.
class Inbox {
 public:
  chat::PubSub::Handler handler() {
    return [this](std::shared_ptr<const std::string> payload) {
      const std::lock_guard lock(mutex_);
      received_.push_back(*payload);
      changed_.notify_all();
    };
  }
  /// What has come, once there are that many.
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return received_.size() >= count; });
    return received_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> received_;
};

class PubSubContract : public ::testing::TestWithParam<PubSubMaker> {
 protected:
  void publish(std::string_view channel, std::string text) {
    pub_sub_->publish(channel, std::make_shared<const std::string>(std::move(text)));
  }
  std::unique_ptr<chat::PubSub> pub_sub_ = GetParam().make();
};

using Texts = std::vector<std::string>;

TEST_P(PubSubContract, WhoListensReceivesInOrder) {
  Inbox inbox;
  const auto subscription = pub_sub_->subscribe("room:1", inbox.handler());
  Texts sent;
  for (int i = 0; i < 500; ++i) {
    sent.push_back(std::to_string(i));
    publish("room:1", sent.back());
  }
  EXPECT_EQ(inbox.first(500), sent);
}

TEST_P(PubSubContract, OnlyTheChannelsOwn) {
  Inbox one;
  Inbox two;
  const auto a = pub_sub_->subscribe("room:1", one.handler());
  const auto b = pub_sub_->subscribe("room:2", two.handler());
  publish("room:1", "for one");
  publish("room:3", "for nobody");
  publish("room:2", "for two");
  EXPECT_EQ(two.first(1), Texts{"for two"});
  EXPECT_EQ(one.first(1), Texts{"for one"});
}

TEST_P(PubSubContract, SeveralListenersEachReceive) {
  Inbox inboxes[3];
  std::vector<std::unique_ptr<chat::PubSub::Subscription>> subscriptions;
  for (auto& inbox : inboxes)
    subscriptions.push_back(pub_sub_->subscribe("room:1", inbox.handler()));
  publish("room:1", "hello");
  for (auto& inbox : inboxes) EXPECT_EQ(inbox.first(1), Texts{"hello"});
}

TEST_P(PubSubContract, AnEndedSubscriptionReceivesNothingMore) {
  Inbox ended;
  Inbox staying;
  auto subscription = pub_sub_->subscribe("room:1", ended.handler());
  const auto other = pub_sub_->subscribe("room:1", staying.handler());
  publish("room:1", "first");
  EXPECT_EQ(ended.first(1), Texts{"first"});
  subscription.reset();
  publish("room:1", "second");
  EXPECT_EQ(staying.first(2), (Texts{"first", "second"}));
  EXPECT_EQ(ended.first(1), Texts{"first"});
}

TEST_P(PubSubContract, EndingWaitsForARunningHandler) {
  std::atomic<bool> inside{false};
  std::atomic<bool> may_leave{false};
  std::atomic<bool> left{false};
  auto subscription = pub_sub_->subscribe("room:1", [&](auto) {
    inside = true;
    inside.notify_all();
    may_leave.wait(false);
    left = true;
  });
  std::thread publisher([this] { publish("room:1", "x"); });
  inside.wait(false);
  std::thread opener([&] {
    may_leave = true;
    may_leave.notify_all();
  });
  subscription.reset();
  EXPECT_TRUE(left) << "the handler still ran";
  publisher.join();
  opener.join();
}

TEST_P(PubSubContract, AHandlerMayEndItsOwnSubscription) {
  std::unique_ptr<chat::PubSub::Subscription> subscription;
  std::atomic<int> calls{0};
  subscription = pub_sub_->subscribe("room:1", [&](auto) {
    ++calls;
    subscription.reset();
    calls.notify_all();
  });
  Inbox inbox;
  const auto other = pub_sub_->subscribe("room:1", inbox.handler());
  publish("room:1", "1");
  publish("room:1", "2");
  EXPECT_EQ(inbox.first(2).size(), 2U);
  EXPECT_EQ(calls, 1);
}

TEST_P(PubSubContract, ListenersComeAndGoWhileOthersPublish) {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> received{0};
  std::vector<std::thread> publishers;
  for (int i = 0; i < 2; ++i) {
    publishers.emplace_back([&] {
      for (int n = 0; !stop; ++n) publish("room:" + std::to_string(n % 8), "x");
    });
  }
  Inbox steady;
  const auto staying = pub_sub_->subscribe("room:0", steady.handler());
  for (int round = 0; round < 300; ++round) {
    std::atomic<bool> alive{true};
    auto subscription =
        pub_sub_->subscribe("room:" + std::to_string(round % 8), [&alive, &received](auto) {
          EXPECT_TRUE(alive) << "called after its end";
          ++received;
        });
    subscription.reset();
    alive = false;
  }
  EXPECT_GE(steady.first(10).size(), 10U);
  stop = true;
  for (auto& publisher : publishers) publisher.join();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PubSubContract);

}  // namespace respring::testing
