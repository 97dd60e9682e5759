#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chat/dead_letters.h"
#include "chat/ports/event_bus.h"

namespace respring::chat {

/// A thread that follows a topic as a member of a group: each batch is handed to `apply`, and
/// counts as done only when that succeeded. A batch that fails is handed over again, after a pause
/// that grows to five seconds, so that nothing is left out; `apply` must bear repeats.
///
/// What is away or busy is waited for as long as it takes. But an error that is the event's own
/// (`invalid_request` and the like, or `internal` for minutes on end) would come for ever: after
/// some attempts the events of the batch are handed over one by one, and those that fail become
/// dead letters (dead_letters.h).
class EventFollower {
 public:
  struct Options {
    std::string group{};
    std::string topic{};
    std::size_t batch = 500;
    std::function<Result<void>(const std::vector<BusRecord>&)> apply{};
    std::function<void(const Error&)> on_error = {};      ///< told of each failure; must not throw
    std::function<void(const DeadLetter&)> on_dead = {};  ///< told of each; must not throw
    int attempts = 5;            ///< at a batch whose error is an event's own
    int attempts_internal = 60;  ///< with the pauses, five minutes
  };

  EventFollower(EventBus& bus, Options options);
  ~EventFollower();

  void start();
  /// Returns when the batch under way has ended. Idempotent.
  void stop();

 private:
  void run();
  /// False when the follower was stopped meanwhile.
  bool pause(std::chrono::milliseconds time);
  Result<void> step(BusConsumer& consumer, std::vector<BusRecord>& batch);
  Result<void> apply(const std::vector<BusRecord>& batch);
  bool is_hopeless(const Error& error);
  Result<void> one_by_one(BusConsumer& consumer, std::vector<BusRecord>& batch);
  Result<void> bury(const BusRecord& record, const Error& why);

  EventBus& bus_;
  Options options_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stopping_{false};
  int failures_ = 0;  ///< of the batch under way
  std::thread thread_;
};

}  // namespace respring::chat
