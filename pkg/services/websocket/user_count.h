#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "base/ids.h"

namespace respring::websocket {

/// How many connections each user has on this node. Any thread.
class UserCount {
 public:
  /// False when the user has `limit` already (0: no limit); else he has one more.
  bool enter(UserId user, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::size_t& count = counts_[user];
    if (limit != 0 && count >= limit) return false;
    ++count;
    return true;
  }
  void leave(UserId user) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(user);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<UserId, std::size_t> counts_;
};

}  // namespace respring::websocket
