#pragma once

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>

#include "async/asio.h"
#include "async/task.h"

namespace respring::async {

/// Owns coroutines that run beside their starter: nothing is detached. Safe from any thread.
class TaskGroup {
 public:
  ~TaskGroup() { wait(); }

  /// Starts the task on that executor. A task ends by itself or because what it waits on is
  /// stopped. An exception that leaves it ends the process: services return errors as values.
  void spawn(asio::any_io_executor executor, Task<void> task);
  /// Blocks until all have ended. Not from an I/O thread.
  void wait();
  std::size_t running() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t running_ = 0;
};

/// Runs a task on that executor, whose loop runs in another thread, and blocks for its value: for
/// commands and tests, never on an I/O thread.
template <class T>
T block_on(asio::any_io_executor executor, Task<T> task) {
  std::promise<T> promise;
  auto body = [](Task<T> inner, std::promise<T>& out) -> Task<void> {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(inner);
      out.set_value();
    } else {
      out.set_value(co_await std::move(inner));
    }
  };
  auto future = promise.get_future();
  asio::co_spawn(executor, body(std::move(task), promise), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  return future.get();
}

}  // namespace respring::async
