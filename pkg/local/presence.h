#pragma once

#include <memory>

#include "chat/ports/presence.h"
#include "local/steady_now.h"

namespace respring::local {

/// Who is connected to this process. Holds one entry per connection that has not ended.
std::unique_ptr<chat::Presence> make_presence(SteadyNow now = steady_now);

}  // namespace respring::local
