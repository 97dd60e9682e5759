#pragma once

#include "chat/ports/room_log.h"
#include "services/user/service.h"

namespace respring::user {

/// A write on behalf of `actor` that may wait in the shard's queue for ten seconds. `trace`: the
/// traceparent of whoever asks, or nothing.
chat::Write write_now(RoomId room, UserId actor, chat::Command command, const std::string& trace);

/// Ends a user's part in every room: with Messages::remove each message of his is deleted, then he
/// leaves the groups; direct rooms stay for the other one. Repeatable: what is done is skipped.
Task<Result<void>> leave_rooms(chat::RoomLog& log, UserId user, Messages messages,
                               const std::string& trace);

}  // namespace respring::user
