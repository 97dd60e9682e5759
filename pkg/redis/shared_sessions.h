#pragma once

#include <memory>

#include "chat/ports/shared_sessions.h"
#include "redis/client.h"
#include "redis/server_time.h"

namespace respring::redis {

/// Sessions that all nodes know: `rs:session:…` on one server (not a Redis Cluster). A server that
/// lost its data voids all tickets, so that it cannot forget an end and keep what came before it.
/// Without a server every call is `upstream_unavailable`; after an error of end() or bar() the
/// server may have acted.
std::unique_ptr<chat::SharedSessions> make_shared_sessions(std::shared_ptr<Client> client,
                                                           chat::SharedSessionLives lives = {},
                                                           ServerTime now = {});

}  // namespace respring::redis
