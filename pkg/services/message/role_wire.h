#pragma once

#include <utility>

#include "chat/wire.h"
#include "net/role_call.h"

/// What the two ends of /internal/message/… agree on beyond chat/wire.h.
namespace respring::message::role_wire {

// Longer lists are cut by the client into several calls.
inline constexpr std::size_t kRoomsAtOnce = 500;
inline constexpr std::size_t kMessagesAtOnce = 200;
inline constexpr std::size_t kHeadsAtOnce = 2000;
inline constexpr std::size_t kCursorsAtOnce = 200;
inline constexpr std::size_t kWritesAtOnce = 256;

/// An answer to sync may hold fewer items than there were cursors, the first ones, once it is this
/// long. One item alone (500 of the longest messages) is less than net::kMaxCallAnswer.
inline constexpr std::size_t kSyncAnswer = 8 * 1024 * 1024;

struct RoomHead {
  RoomId room;
  chat::Head head;
};

/// What became of one of several writes.
struct Outcome {
  Result<chat::Written> result = internal("no outcome yet");
  std::int64_t lane = 0;  ///< RoomLog::lane_of() its room
};

void write(json::Writer& w, const RoomHead& item);
void write(json::Writer& w, const Outcome& item);

}  // namespace respring::message::role_wire

namespace respring::chat::wire {
template <>
Result<message::role_wire::RoomHead> read(const json::Value& value);
template <>
Result<message::role_wire::Outcome> read(const json::Value& value);
}  // namespace respring::chat::wire
