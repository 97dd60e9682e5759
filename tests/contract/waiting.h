#pragma once

#include <utility>

#include "async/io_pool.h"
#include "async/run.h"

namespace respring::testing {

/// A loop in a thread of its own, so that a test can wait for a coroutine.
class Waiting {
 public:
  Waiting() : io_(1) { io_.start(); }
  ~Waiting() { io_.stop(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  template <class T>
  T operator()(Task<T> task) {
    return async::block_on(io_.at(0).get_executor(), std::move(task));
  }

 private:
  async::IoPool io_;
};

}  // namespace respring::testing
