#pragma once

#include <memory>

#include "chat/ports/recent_events.h"
#include "redis/client.h"

namespace respring::redis {

/// The recent events that all nodes see: `rs:recent:{room}`, a list. What cannot be handed to the
/// server is left out.
std::unique_ptr<chat::RecentEvents> make_recent_events(std::shared_ptr<Client> client);

}  // namespace respring::redis
