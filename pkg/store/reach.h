#pragma once

#include <atomic>
#include <chrono>

namespace respring::store {

/// Whether a shard is worth asking by those who can do without it. After it did not answer, one
/// caller in a second asks, and the others do not wait for it. Safe from any thread.
class Reach {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kBetweenTries{1000};

  bool worth_asking() {
    auto next = next_try_.load();
    const auto now = Clock::now().time_since_epoch().count();
    if (next == kFine) return true;
    return now >= next && next_try_.compare_exchange_strong(next, later());
  }
  void answered() { next_try_ = kFine; }
  void silent() { next_try_ = later(); }

 private:
  static constexpr Clock::rep kFine = 0;
  static Clock::rep later() { return (Clock::now() + kBetweenTries).time_since_epoch().count(); }

  std::atomic<Clock::rep> next_try_{kFine};
};

}  // namespace respring::store
