#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "async/task.h"
#include "base/result.h"

namespace respring::chat {

/// Short-lived values by key (web-socket tickets, sessions). Bounded; may forget at any time, so
/// nothing that cannot be made again belongs here, and a miss never opens anything. Any thread.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual Task<Result<void>> put(std::string key, std::string value,
                                 std::chrono::milliseconds life) = 0;
  virtual Task<Result<std::optional<std::string>>> get(std::string key) = 0;
  /// Reads and removes in one step: at most one caller gets it.
  virtual Task<Result<std::optional<std::string>>> take(std::string key) = 0;
  virtual Task<Result<void>> erase(std::string key) = 0;
};

}  // namespace respring::chat
