#pragma once

#include <cstddef>

#include "base/ids.h"

namespace respring::websocket {

class Connection;
class RoomChannel;

/// One connection in one room: where its stream of the room's events stands. Owned by the
/// connection, listed by the channel; on their hub's thread only.
struct Membership {
  Connection* connection = nullptr;
  RoomChannel* channel = nullptr;
  std::size_t place = 0;  ///< in the channel's list
  Seq first_seq = 1;      ///< the first event he may see
  Seq sent = 0;           ///< the last event that was sent, or that `lag` or `limited` told of
  Seq told = 0;           ///< the head that the last `heads` frame or event told
  bool live = false;      ///< follows the channel; otherwise a catch-up is on its way
  bool lagged = false;    ///< events were left out: a `lag` frame is owed
  bool watching = false;  ///< wants the presence of the room's members
};

}  // namespace respring::websocket
