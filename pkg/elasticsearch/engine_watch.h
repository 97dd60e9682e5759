#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "elasticsearch/loop.h"
#include "telemetry/health.h"

namespace respring::elasticsearch {

/// Whether the engine answers, as the last call found it. While it does not, it is looked at every
/// few seconds, so that the state is true although nobody searches. Runs on the loop, which must
/// outlive it. Safe from any thread.
class EngineWatch {
 public:
  using Look = std::function<Task<Result<void>>()>;

  /// `look` tries the engine; it has a deadline of its own.
  EngineWatch(Loop& loop, Look look);
  EngineWatch(const EngineWatch&) = delete;
  EngineWatch& operator=(const EngineWatch&) = delete;

  /// Looks at once, and again while the state is not ok. Once.
  void start();
  /// No look begins afterwards; to be called before the loop ends.
  void stop();

  void note_success();
  void note_failure(const Error& error);
  /// `failed` until a look was answered, `degraded` when it stops to answer.
  health::Status status() const;

 private:
  Task<void> run();
  void wake(const Result<void>& found);

  Loop& loop_;
  const Look look_;
  asio::steady_timer pause_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  health::Status status_;  ///< under mutex
};

}  // namespace respring::elasticsearch
