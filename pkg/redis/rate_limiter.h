#pragma once

#include <memory>

#include "chat/ports/rate_limiter.h"
#include "redis/client.h"
#include "redis/server_time.h"

namespace respring::redis {

/// Token buckets that all nodes share, as `rs:rate:{key}`; the server decides in one step. While it
/// is away `fallback` decides, each node for itself: a limit is then as many times wider as there
/// are nodes, but never open. Without a fallback every call is refused meanwhile.
std::unique_ptr<chat::RateLimiter> make_rate_limiter(std::shared_ptr<Client> client,
                                                     std::unique_ptr<chat::RateLimiter> fallback,
                                                     ServerTime now = {});

}  // namespace respring::redis
