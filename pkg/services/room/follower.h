#pragma once

#include <vector>

#include "async/asio.h"
#include "chat/ports/event_bus.h"
#include "chat/ports/room_directory.h"

namespace respring::room {

/// Applies membership events to the users' lists: what the room service did not write itself
/// because a crash came between. Repeats and older events change nothing. Blocks, so not on an I/O
/// thread; `executor` is where the directory's coroutines run.
Result<void> follow_memberships(const std::vector<chat::BusRecord>& records,
                                chat::RoomDirectory& directory, asio::any_io_executor executor);

}  // namespace respring::room
