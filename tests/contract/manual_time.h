#pragma once

#include <atomic>
#include <chrono>

namespace respring::testing {

/// A steady clock that moves when the test says so. Safe from any thread.
class ManualTime {
 public:
  std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(now_ns_.load()));
  }
  void pass(std::chrono::nanoseconds time) { now_ns_ += time.count(); }

 private:
  std::atomic<std::int64_t> now_ns_{1'000'000'000'000};
};

}  // namespace respring::testing
