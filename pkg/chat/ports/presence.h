#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/ids.h"
#include "base/result.h"

namespace respring::chat {

/// Who is connected. A connection's entry lives for `life` unless renewed. Any thread.
class Presence {
 public:
  virtual ~Presence() = default;
  /// True when this made the user come online.
  virtual Task<Result<bool>> enter(UserId user, std::string connection,
                                   std::chrono::milliseconds life) = 0;
  /// True when the user has no other connection: he went offline.
  virtual Task<Result<bool>> leave(UserId user, std::string connection) = 0;
  /// Those of these who are online.
  virtual Task<Result<std::vector<UserId>>> online(std::vector<UserId> users) = 0;
};

}  // namespace respring::chat
