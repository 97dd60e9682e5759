#pragma once

#include <cstddef>
#include <memory>

#include "chat/ports/rate_limiter.h"
#include "local/steady_now.h"

namespace respring::local {

struct RateLimiterOptions {
  /// Buckets that are not full. Beyond it those nearest to full are forgotten first.
  std::size_t max_buckets = 200'000;
  SteadyNow now = steady_now;
};

/// Token buckets within this process, exact to the nanosecond however often they are asked.
std::unique_ptr<chat::RateLimiter> make_rate_limiter(RateLimiterOptions options = {});

}  // namespace respring::local
