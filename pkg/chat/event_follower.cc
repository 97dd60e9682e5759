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
    failures_ = 0;
  }
  if (batch.empty()) return success();
  const auto applied = apply(batch);
  if (!applied) {
    if (!is_hopeless(applied.error())) return applied;
    return one_by_one(consumer, batch);
  }
  RESPRING_TRYV(consumer.commit(batch));
  batch.clear();
  return success();
}

Result<void> EventFollower::apply(const std::vector<BusRecord>& batch) {
  const auto others = [this](const BusRecord& record) { return !concerns(record, options_.group); };
  if (std::ranges::none_of(batch, others)) return options_.apply(batch);
  std::vector<BusRecord> mine = batch;
  std::erase_if(mine, others);
  return mine.empty() ? Result<void>(success()) : options_.apply(mine);
}

bool EventFollower::is_hopeless(const Error& error) {
  ++failures_;
  switch (error.code) {
    case ErrorCode::request_timeout:
    case ErrorCode::rate_limited:
    case ErrorCode::overloaded:
    case ErrorCode::slot_moving:
    case ErrorCode::upstream_unavailable:
    case ErrorCode::unauthenticated:
      return false;
    case ErrorCode::internal:
      return failures_ >= options_.attempts_internal;
    default:
      return failures_ >= options_.attempts;
  }
}

// What is done, or dead, leaves the batch; a failure in between that will pass keeps the rest.
Result<void> EventFollower::one_by_one(BusConsumer& consumer, std::vector<BusRecord>& batch) {
  Result<void> result = success();
  std::size_t done = 0;
  for (; done < batch.size() && !stopping_; ++done) {
    result = apply({batch[done]});
    if (!result && is_hopeless(result.error())) result = bury(batch[done], result.error());
    if (!result) break;
  }
  const auto rest = batch.begin() + static_cast<std::ptrdiff_t>(done);
  RESPRING_TRYV(consumer.commit({batch.begin(), rest}));
  batch.erase(batch.begin(), rest);
  return result;
}

Result<void> EventFollower::bury(const BusRecord& record, const Error& why) {
  const DeadLetter letter{record, options_.group, why.detail};
  RESPRING_TRYV(bus_.publish(dead_letters_topic(options_.topic), {buried(letter)}));
  if (options_.on_dead) options_.on_dead(letter);
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
