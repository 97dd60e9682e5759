#pragma once

#include "chat/commands.h"
#include "chat/ports/pub_sub.h"

namespace respring::message {

/// Publishes what a committed write means for those who are connected: its events to the room, new
/// memberships to the users they are of, a moved read cursor, a closed room. Any thread; never
/// blocks.
void announce(const chat::Write& write, const chat::Written& written, chat::PubSub& pub_sub);

}  // namespace respring::message
