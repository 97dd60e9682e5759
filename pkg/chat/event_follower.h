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

#include "chat/ports/event_bus.h"

namespace respring::chat {

/// A thread that follows a topic as a member of a group: each batch is handed to `apply`, and
/// counts as done only when that succeeded. A batch that fails is handed over again, after a pause
/// that grows to five seconds, so that nothing is left out; `apply` must bear repeats.
class EventFollower {
 public:
  struct Options {
    std::string group{};
    std::string topic{};
    std::size_t batch = 500;
    std::function<Result<void>(const std::vector<BusRecord>&)> apply{};
    std::function<void(const Error&)> on_error = {};  ///< told of each failure; must not throw
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

  EventBus& bus_;
  Options options_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace respring::chat
