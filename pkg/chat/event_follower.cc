#include "chat/event_follower.h"

#include <pthread.h>

#include <algorithm>

namespace respring::chat {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::chrono::milliseconds kPollWait{200};  // how soon a stop is seen

}  // namespace

EventFollower::EventFollower(EventBus& bus, Options options)
    : bus_(bus), options_(std::move(options)) {}

EventFollower::~EventFollower() { stop(); }

void EventFollower::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), options_.group.substr(0, 15).c_str());
}

void EventFollower::stop() {
  stopping_ = true;
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool EventFollower::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, time, [this] { return stopping_.load(); });
}

Result<void> EventFollower::step(BusConsumer& consumer, std::vector<BusRecord>& batch) {
  if (batch.empty()) {
    RESPRING_TRY(batch, consumer.poll(options_.batch, kPollWait));
  }
  if (batch.empty()) return success();
  RESPRING_TRYV(options_.apply(batch));
  RESPRING_TRYV(consumer.commit(batch));
  batch.clear();
  return success();
}

void EventFollower::run() {
  auto wait = kFirstPause;
  std::unique_ptr<BusConsumer> consumer;
  std::vector<BusRecord> batch;  // polled but not done
  while (!stopping_) {
    Result<void> result = success();
    if (!consumer) {
      auto subscribed = bus_.subscribe(options_.group, options_.topic);
      if (subscribed) {
        consumer = std::move(subscribed).value();
      } else {
        result = std::move(subscribed).error();
      }
    }
    if (consumer) result = step(*consumer, batch);
    if (result) {
      wait = kFirstPause;
      continue;
    }
    if (options_.on_error) options_.on_error(result.error());
    if (!pause(wait)) return;
    wait = std::min(wait * 2, kLongestPause);
  }
}

}  // namespace respring::chat
