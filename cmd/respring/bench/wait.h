#pragma once

#include <chrono>
#include <thread>

#include "base/result.h"

namespace respring::cmd {

/// Looks every ten milliseconds until `done` holds; `request_timeout` after a minute. For a
/// generator
template <class Done>
Result<void> wait_until(Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) {
      return Error{ErrorCode::request_timeout, "the server did not answer within a minute", {}, {}};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return success();
}

}  // namespace respring::cmd
