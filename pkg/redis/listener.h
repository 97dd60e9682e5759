#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chat/ports/pub_sub.h"

namespace respring::redis {

/// One subscription's handler, and how many threads are inside it.
class Listener {
 public:
  explicit Listener(chat::PubSub::Handler handler) : handler_(std::move(handler)) {}

  void call(const std::shared_ptr<const std::string>& payload);
  /// No call begins any more; returns when none runs but those this thread itself is in.
  void end();

 private:
  static std::vector<const Listener*>& inside();

  chat::PubSub::Handler handler_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::ptrdiff_t running_ = 0;
  bool ended_ = false;
};

using Listeners = std::vector<std::shared_ptr<Listener>>;

}  // namespace respring::redis
