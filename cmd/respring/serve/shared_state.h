#pragma once

#include "base/result.h"
#include "respring/serve/platform.h"
#include "respring/serve/role_set.h"

namespace respring::cmd {

/// Opens what nodes share beside the stores, for `roles`: pub/sub, presence, recent events, values
/// that all nodes see, rate limits; in Redis or, alone, in memory. Needs the I/O threads. A server
/// that does not answer now is no error: each part works as well as it can without.
Result<void> open_shared_state(Platform& platform, const RedisSettings& settings,
                               const RoleSet& roles);

}  // namespace respring::cmd
