#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "async/asio.h"

namespace respring::async {

/// One io_context per thread. A connection is given one of them and stays on it for life, so what
/// belongs to one connection needs no locks.
class IoPool {
 public:
  /// `threads` 0 means one per core.
  explicit IoPool(std::size_t threads = 0);
  ~IoPool();
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  /// Starts the threads. Once.
  void start();
  /// Ends the loops as soon as their current handlers return, and joins. Idempotent.
  void stop();

  std::size_t size() const { return contexts_.size(); }
  asio::io_context& at(std::size_t index) { return *contexts_[index]; }
  /// The next one in turn. Safe from any thread.
  asio::io_context& next() { return at(turn_.fetch_add(1, std::memory_order_relaxed) % size()); }

 private:
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;

  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<Guard> guards_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace respring::async
