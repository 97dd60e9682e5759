#pragma once

#include <vector>

#include "services/websocket/hub.h"

/// Reading what was missed: from the recent events where they reach as far as is known to be
/// necessary, else from the log.
namespace respring::websocket {

/// The room's events behind `after`. `head` is the highest one that somebody has heard of; without
/// one (0) the log is read.
Task<Result<chat::LogPage>> read_behind(const Ports& ports, RoomId room, RoomEpoch epoch, Seq after,
                                        Seq head);

/// RoomLog::sync() for somebody whose rooms were just read: `views` say what he may see and how far
/// the logs go.
Task<Result<std::vector<chat::SyncItem>>> sync_behind(const Ports& ports, UserId user,
                                                      const std::vector<chat::RoomView>& views,
                                                      const std::vector<chat::Cursor>& cursors);

}  // namespace respring::websocket
