#pragma once

#include <string>
#include <vector>

#include "respring/serve/platform.h"
#include "services/message/service.h"
#include "services/room/service.h"
#include "services/user/service.h"

namespace respring::cmd {

/// A person of the demo and a token that logs him in for an hour.
struct DemoPerson {
  std::string handle;
  std::string name;
  Secret<std::string> token;
};

/// Makes the demo's Korean people, rooms and messages unless they are there already, and logs each
/// person in. Blocks; the I/O threads must run.
Result<std::vector<DemoPerson>> make_demo(Platform& platform, user::UserService& users,
                                          room::RoomService& rooms, message::MessageService& log);

}  // namespace respring::cmd
