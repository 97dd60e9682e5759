#pragma once

#include "chat/commands.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/recent_events.h"

namespace respring::message {

/// Publishes what a committed write means for those who are connected: its events to the room, new
/// memberships to the users they are of, a moved read cursor, a closed room. Events are remembered
/// first, for whoever misses the signal. Any thread; never blocks.
void announce(const chat::Write& write, const chat::Written& written, chat::PubSub& pub_sub,
              chat::RecentEvents& recent);

}  // namespace respring::message
