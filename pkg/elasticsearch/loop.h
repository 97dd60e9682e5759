#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "async/completion.h"
#include "async/io_pool.h"
#include "async/run.h"

namespace respring::elasticsearch {

/// The adapter's own two threads, one for what is awaited and one for what blocks: building bulks
/// shall not hold up searches. Connections live on them and not on a caller's loop, which may end
/// before they do. It must outlive its connections: its owner declares it before them, and calls
/// finish() first of all when it ends.
class Loop {
 public:
  Loop() : io_(2) { io_.start(); }
  ~Loop() {
    finish();
    io_.stop();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs it here; the caller goes on where it ran.
  template <class T>
  Task<T> run(Task<T> work) {
    auto shared = std::make_shared<Task<T>>(std::move(work));
    auto start = [this, shared](std::function<void(T)> deliver) {
      tasks_.spawn(executor(), delivered(std::move(*shared), std::move(deliver)));
    };
    co_return co_await async::wait_for<T>(std::move(start));
  }
  /// Runs it here, beside everything else; it must end by itself when the loop is finished.
  void spawn(Task<void> work) { tasks_.spawn(executor(), std::move(work)); }
  /// Of one thread, for timers.
  asio::any_io_executor executor() { return io_.at(0).get_executor(); }
  /// Runs it here and blocks.
  template <class T>
  T block_on(Task<T> work) {
    return async::block_on(io_.at(1).get_executor(), std::move(work));
  }
  /// Waits for what still runs; each of that has a deadline. Nothing is run afterwards.
  void finish() {
    stopping_ = true;
    tasks_.wait();
  }
  /// True at the end: what repeats itself shall give up.
  bool stopping() const { return stopping_; }

 private:
  template <class T>
  static Task<void> delivered(Task<T> work, std::function<void(T)> deliver) {
    auto value = co_await std::move(work);
    deliver(std::move(value));
  }

  async::IoPool io_;
  async::TaskGroup tasks_;
  std::atomic<bool> stopping_{false};
};

}  // namespace respring::elasticsearch
