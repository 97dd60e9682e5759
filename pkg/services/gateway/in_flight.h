#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ids.h"

namespace respring::gateway {

/// Counts the requests that each user has under way. Must outlive its places. Any thread.
class InFlight {
 public:
  explicit InFlight(int most) : most_(most) {}

  /// Held while a request is under way.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), user_(other.user_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (owner_) owner_->leave(user_);
    }

   private:
    friend InFlight;
    Place(InFlight* owner, UserId user) : owner_(owner), user_(user) {}
    InFlight* owner_ = nullptr;
    UserId user_;
  };

  /// Nothing when the user has too many already.
  std::optional<Place> enter(UserId user) {
    const std::lock_guard lock(mutex_);
    int& count = counts_[user];
    if (count >= most_) return std::nullopt;
    ++count;
    return Place(this, user);
  }

 private:
  void leave(UserId user) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(user);
    if (--found->second == 0) counts_.erase(found);
  }

  int most_;
  std::mutex mutex_;
  std::unordered_map<UserId, int> counts_;
};

}  // namespace respring::gateway
