#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chat/event_follower.h"
#include "respring/serve/platform.h"

namespace respring::cmd {

/// What the roles here learn from the event log: the room role its lists, the search role its
/// index. Not started. Borrows the platform and the log.
std::vector<std::unique_ptr<chat::EventFollower>> followers_of(Platform& platform,
                                                               chat::RoomLog& log,
                                                               const RoleSet& roles);
/// The consumer groups of these.
std::vector<std::string> groups_of(const RoleSet& roles);

}  // namespace respring::cmd
