#pragma once

#include <string>
#include <vector>

#include "chat/types.h"

namespace respring::message {

/// The answer of `POST /v1/sync`.
/// `asked` names each item's room as the client wrote it.
std::string sync_json(const std::vector<chat::SyncItem>& items,
                      const std::vector<std::string>& asked, const chat::ReachableRooms& new_rooms);

}  // namespace respring::message
