#pragma once

#include <memory>

#include "chat/ports/cache.h"
#include "redis/client.h"

namespace respring::redis {

/// Values that every node sees, as `rs:cache:{key}` with an expiry. Needs Redis 6.2 (GETDEL).
/// Without a server every call is `upstream_unavailable`; after an error of put, take or erase the
/// server may have acted. A key of more than 512 bytes or a value of more than 1 MiB is
/// `invalid_request`.
std::unique_ptr<chat::Cache> make_cache(std::shared_ptr<Client> client);

}  // namespace respring::redis
