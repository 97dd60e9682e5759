#pragma once

#include <chrono>
#include <string>

#include "async/task.h"

namespace respring::chat {

/// A token bucket: `burst` tokens at most, `per_second` new ones each second. Off when per_second
/// is 0.
struct RateLimit {
  double per_second = 0;
  double burst = 0;
  bool off() const { return per_second <= 0; }
};

struct RateDecision {
  bool allowed = true;
  std::chrono::milliseconds retry_after{0};
};

/// Counts what each key does. Bounded: forgets full buckets. Safe from any thread.
class RateLimiter {
 public:
  virtual ~RateLimiter() = default;
  virtual Task<RateDecision> take(std::string key, RateLimit limit) = 0;
};

}  // namespace respring::chat
