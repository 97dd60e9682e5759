#pragma once

#include <vector>

#include "async/asio.h"
#include "chat/ports/event_bus.h"
#include "chat/ports/room_log.h"
#include "chat/ports/search_index.h"

namespace respring::search {

/// Brings the index up to what these events tell. What changed after a message was sent is read
/// from its room's log, so that events may come late or again. Blocks, so not on an I/O thread;
/// `executor` is where the log's coroutines run.
Result<void> index_events(const std::vector<chat::BusRecord>& records, chat::SearchIndex& index,
                          chat::RoomLog& log, asio::any_io_executor executor);

/// What the index should hold of a message: a tombstone once it is deleted.
chat::SearchDocument document_of(const chat::Message& message);

}  // namespace respring::search
