#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "chat/commands.h"
#include "chat/requests.h"

/// What clients say (docs: AsyncAPI), read from one text frame. Pure.
namespace respring::websocket {

struct Hello {
  std::optional<std::string> ticket;
  std::optional<chat::AskedCursors> rooms;  ///< present: resume from there
};
struct Change {  ///< send, edit, delete, react: answered by an ack or an error
  RoomId room;
  chat::Command command;
};
struct ReadTo {
  RoomId room;
  Seq seq = 0;
};
struct Typing {
  RoomId room;
};
struct WatchPresence {
  std::vector<RoomId> rooms;
};
struct Sync {
  chat::AskedCursors rooms;
};
struct Ping {};

struct ClientFrame {
  std::optional<std::string> ref;
  std::variant<Hello, Change, ReadTo, Typing, WatchPresence, Sync, Ping> body;
};

struct BadFrame {
  std::optional<std::string> ref;  ///< as far as it could be read
  Error error;
  bool malformed =
      true;  ///< counts towards closing the connection; false: only this request's fault
};

std::variant<ClientFrame, BadFrame> read_client_frame(std::string_view text);

}  // namespace respring::websocket
