#pragma once

#include "async/run.h"
#include "respring/bench/world.h"

namespace respring::cmd {

/// Connections that end and come again, as a load's `storm` says. Runs on the target's threads from
/// its making until its end or wait().
class StormRun {
 public:
  /// Borrows all of them. Nobody comes again after `end`.
  StormRun(Target& target, const World& world, const Storm& storm, Heard& heard,
           BenchClock::time_point end);

  /// Nobody comes again.
  void stop() { stopped_ = true; }
  /// Blocks until all have gone.
  void wait() { group_.wait(); }
  /// For after wait().
  const Histogram& ready() const { return ready_; }  ///< from the call until the server was ready
  std::int64_t failed() const { return failed_; }    ///< refused, or not ready within 15 s

 private:
  Task<void> come_again(const Person& person, asio::io_context& io);
  Task<void> visit(const Person& person, asio::io_context& io);

  Target& target_;
  const Storm& storm_;
  Heard& heard_;
  const BenchClock::time_point end_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  Histogram ready_;
  std::int64_t failed_ = 0;
  async::TaskGroup group_;
};

}  // namespace respring::cmd
