#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chat/types.h"

/// What the message role tells the websocket nodes over pub/sub right after a commit.
namespace respring::chat {

/// Channel of everything that happens in a room.
std::string room_channel(RoomId room);
/// Channel of what concerns one user's memberships: he joined a room.
std::string user_channel(UserId user);

/// One signal. `json` is ready to be sent to clients: an event's object, or the members of a
/// `read`/`typing`/`presence` frame behind its op.
struct RoomSignal {
  enum class Kind : std::uint8_t {
    event,     ///< seq, epoch, json; `affected` is who joined or left by it
    read,      ///< json is the whole frame
    typing,    ///< json is the whole frame; `affected` is the one who types
    gone,      ///< the room was closed
    presence,  ///< json is the whole frame; `affected` came or went
    joined,    ///< on a user's channel: `affected` is in this room from `seq` on
  };
  Kind kind = Kind::event;
  RoomId room{};
  RoomEpoch epoch = 1;
  Seq seq = 0;
  UserId affected{};
  bool left = false;         ///< event: `affected` is no longer a member
  Time at{};                 ///< event: when it was stored; the epoch where nobody says
  std::string_view trace{};  ///< event: the traceparent of what caused it, if it is sampled
  std::string_view json{};
};

/// One line of header, then the JSON.
std::shared_ptr<const std::string> encode(const RoomSignal& signal);
/// `trace` and `json` borrow from the payload; nothing for a payload that is none of ours.
std::optional<RoomSignal> decode_signal(std::string_view payload);

}  // namespace respring::chat
