#pragma once

#include <cstddef>
#include <memory>

#include "chat/ports/recent_events.h"
#include "local/steady_now.h"

namespace respring::local {

struct RecentEventsOptions {
  std::size_t max_bytes = 32 * 1024 * 1024;  ///< of payloads; the room that was quiet longest goes
  SteadyNow now = steady_now;
};

/// Recent events within this process.
std::unique_ptr<chat::RecentEvents> make_recent_events(RecentEventsOptions options = {});

}  // namespace respring::local
