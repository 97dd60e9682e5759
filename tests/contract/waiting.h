#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "async/io_pool.h"
#include "async/run.h"

namespace respring::testing {

/// A loop in a thread of its own, so that a test can wait for a coroutine.
class Waiting {
 public:
  Waiting() : io_(std::make_unique<async::IoPool>(1)) { io_->start(); }
  ~Waiting() {
    io_->stop();
    // An adapter's thread that has just delivered the last value may still be leaving post().
    static std::mutex mutex;
    static std::vector<std::unique_ptr<async::IoPool>> retired;
    const std::lock_guard lock(mutex);
    retired.push_back(std::move(io_));
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  template <class T>
  T operator()(Task<T> task) {
    return async::block_on(io_->at(0).get_executor(), std::move(task));
  }

 private:
  std::unique_ptr<async::IoPool> io_;
};

}  // namespace respring::testing
