#include "async/run.h"

namespace respring::async {

void TaskGroup::spawn(asio::any_io_executor executor, Task<void> task) {
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  asio::co_spawn(executor, std::move(task), [this](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) idle_.notify_all();
  });
}

void TaskGroup::wait() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return running_ == 0; });
}

std::size_t TaskGroup::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

}  // namespace respring::async
