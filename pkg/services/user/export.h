#pragma once

#include <deque>
#include <optional>
#include <string>

#include "chat/ports/room_log.h"
#include "chat/ports/user_store.h"
#include "net/http.h"

namespace respring::user {

/// Everything we hold about a user as JSON lines, read from the stores as it is asked for: his
/// profile, sessions, blocks, and of each room he is in the room and his own messages. Each line
/// has a `type`. One caller at a time.
class Export {
 public:
  Export(chat::UserStore& users, chat::RoomLog& log, net::Principal who)
      : users_(users), log_(log), who_(who) {}

  /// Some whole lines, or nothing at the end.
  Task<Result<std::optional<std::string>>> next();

 private:
  enum class Stage : std::uint8_t { profile, sessions, blocks, rooms, messages, done };

  Task<Result<std::string>> profile();
  Task<Result<std::string>> sessions();
  Task<Result<std::string>> blocks();
  Task<Result<std::string>> next_room();
  Task<Result<std::string>> messages();

  chat::UserStore& users_;
  chat::RoomLog& log_;
  net::Principal who_;
  Stage stage_ = Stage::profile;
  std::int64_t after_ = 0;  ///< in the list of the present stage
  std::deque<RoomId> rooms_;
  RoomId room_;
};

}  // namespace respring::user
