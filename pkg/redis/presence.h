#pragma once

#include <memory>

#include "chat/ports/presence.h"
#include "redis/client.h"
#include "redis/server_time.h"

namespace respring::redis {

/// Who is connected to any node: `rs:presence:{user}` holds his connections, each with the moment
/// its life ends. Without a server every call is `upstream_unavailable`.
std::unique_ptr<chat::Presence> make_presence(std::shared_ptr<Client> client, ServerTime now = {});

}  // namespace respring::redis
