#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "async/completion.h"
#include "base/result.h"

namespace respring::async {

/// Threads for work that blocks (databases, password hashing), with a bounded queue before them.
/// Safe from any thread. Stop it before what its jobs use goes away.
class BlockingPool {
 public:
  struct Options {
    std::string name;  ///< of the threads, at most 15 bytes
    std::size_t threads = 4;
    std::size_t queue_limit = 1024;
    std::function<void()> on_refused = {};  ///< a job met a full queue; any thread
    /// How long a job took, from its beginning; on the thread that ran it.
    std::function<void(std::chrono::steady_clock::duration)> on_ran = {};
    std::function<void()> on_thread_start = {};  ///< e.g. a driver's per-thread set-up
    std::function<void()> on_thread_stop = {};
  };

  explicit BlockingPool(Options options);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// False when the queue is full or the pool has stopped; the job is then dropped.
  bool try_post(std::function<void()> job);

  /// Runs `work`, a function that returns a Result, on a thread of the pool and goes on where the
  /// caller ran before. `overloaded` when the queue is full.
  template <class Work, class R = std::invoke_result_t<Work&>>
  Task<R> run(Work work) {
    auto shared = std::make_shared<Work>(std::move(work));
    auto start = [this, shared](std::function<void(R)> deliver) {
      if (!try_post([shared, deliver] { deliver((*shared)()); }))
        deliver(overloaded("the " + name() + " queue is full"));
    };
    co_return co_await wait_for<R>(std::move(start));
  }

  /// The same, but waits no longer than `limit`: then `upstream_unavailable`, and the work goes on
  /// unheard.
  template <class Work, class R = std::invoke_result_t<Work&>>
  Task<R> run_within(Work work, std::chrono::milliseconds limit) {
    auto shared = std::make_shared<Work>(std::move(work));
    auto answered = std::make_shared<std::atomic<bool>>(false);
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto start = [this, shared, answered, &timer](std::function<void(R)> deliver) {
      const auto once = [answered, deliver](R result) {
        if (!answered->exchange(true)) deliver(std::move(result));
      };
      timer.async_wait([this, once](const boost::system::error_code& stopped) {
        if (!stopped) once(unavailable(name() + " does not answer"));
      });
      if (!try_post([shared, once] { once((*shared)()); }))
        once(overloaded("the " + name() + " queue is full"));
    };
    co_return co_await wait_for<R>(std::move(start));
  }

  /// Finishes what is queued and joins the threads. Idempotent.
  void stop();

  std::size_t queued() const;
  const std::string& name() const { return options_.name; }

 private:
  void work_loop();

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace respring::async
