// What a move waits for while writes go on: its pace, what the servers are busy with, and what must
// not be late when writes wait.
#include "ops/move/patience.h"

namespace respring::move {

using namespace std::chrono_literals;

// In short waits, because the pace may be changed meanwhile.
Result<void> Mover::throttle(std::int64_t bytes, Steady::time_point begun) {
  while (move_.pace.bytes_per_second > 0) {
    const std::int64_t most = move_.pace.bytes_per_second;
    const auto due = begun + std::chrono::milliseconds(bytes * 1000 / most);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Steady::now());
    if (left <= 0ms) break;
    progress_.waits_for = "throttled to " + std::to_string(most) + " bytes/s";
    options_.pause(std::min(left, 200ms));
    RESPRING_TRYV(heed());
  }
  return success();
}

// Those whom the servers are there for go first.
Result<void> Mover::await_calm() {
  RESPRING_TRYV(await_threads());
  return await_lag();
}

Result<void> Mover::await_threads() {
  while (move_.pace.most_threads > 0) {
    RESPRING_TRY(const std::int64_t running,
                 patiently([&] { return stores_.threads_running(move_); }));
    if (running <= move_.pace.most_threads) break;
    progress_.waits_for = std::to_string(running) + " threads run, more than " +
                          std::to_string(move_.pace.most_threads);
    options_.pause(200ms);
    RESPRING_TRYV(heed());
  }
  return success();
}

Result<void> Mover::await_lag() {
  while (move_.pace.most_lag_ms > 0) {
    RESPRING_TRY(const std::int64_t lag, patiently([&] { return stores_.replica_lag_ms(move_); }));
    if (lag <= move_.pace.most_lag_ms) break;
    progress_.waits_for = "the replica of " + move_.target + " is more than " +
                          std::to_string(move_.pace.most_lag_ms) + " ms behind";
    options_.pause(200ms);
    RESPRING_TRYV(heed());
  }
  return success();
}

// What is not published when the slot freezes is waited for by its writers.
Result<void> Mover::await_publishing() {
  const auto until = Steady::now() + options_.backlog_patience;
  while (Steady::now() < until) {
    RESPRING_TRY(const std::int64_t rows, patiently([&] { return stores_.backlog(move_); }));
    if (rows <= options_.short_backlog) break;
    progress_.waits_for = "events are published";
    options_.pause(5ms);
    RESPRING_TRYV(heed());
  }
  progress_.waits_for.clear();
  return success();
}

// What the target's replica lacks when the slot freezes is waited for by its writers.
Result<void> Mover::await_replica() {
  const auto until = Steady::now() + options_.patience;
  RESPRING_TRY(const std::string position, patiently([&] { return stores_.position(move_); }));
  while (true) {
    RESPRING_TRY(const bool has_all,
                 patiently([&] { return stores_.replicated(move_, position); }));
    if (has_all) break;
    if (Steady::now() > until) {
      ended_ = Ended{Ending::aborted, AbortCause::pause,
                     "the replica of " + move_.target + " is behind"};
      return Error{ErrorCode::request_timeout, ended_->why, {}, {}};
    }
    progress_.waits_for = "the replica of " + move_.target + " is behind";
    options_.pause(20ms);
    RESPRING_TRYV(heed());
  }
  progress_.waits_for.clear();
  return success();
}

}  // namespace respring::move
