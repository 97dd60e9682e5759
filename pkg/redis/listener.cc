#include "redis/listener.h"

#include <algorithm>

namespace respring::redis {

void Listener::call(const std::shared_ptr<const std::string>& payload) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ++running_;
  }
  inside().push_back(this);
  handler_(payload);
  inside().pop_back();
  const std::lock_guard lock(mutex_);
  --running_;
  if (ended_) left_.notify_all();
}

void Listener::end() {
  std::unique_lock lock(mutex_);
  ended_ = true;
  const auto own = std::count(inside().begin(), inside().end(), this);
  left_.wait(lock, [this, own] { return running_ <= own; });
}

/// The handlers this thread is in, outermost first.
std::vector<const Listener*>& Listener::inside() {
  static thread_local std::vector<const Listener*> stack;
  return stack;
}

}  // namespace respring::redis
