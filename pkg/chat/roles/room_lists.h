#pragma once

#include <optional>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/types.h"

namespace respring::chat {

/// What the room role does for the other roles; the service in one process, an HTTP client across
/// processes. Safe from any thread.
class RoomLists {
 public:
  virtual ~RoomLists() = default;

  /// The rooms in the user's list. It may name one he has just left; the room log decides.
  virtual Task<Result<std::vector<RoomId>>> rooms_of(UserId user) = 0;
  virtual Task<Result<std::optional<RoomId>>> direct_room(UserId a, UserId b) = 0;
  /// The user's memberships ended outside the room role (he was erased).
  virtual Task<Result<void>> forget_user(UserId user) = 0;
};

}  // namespace respring::chat
