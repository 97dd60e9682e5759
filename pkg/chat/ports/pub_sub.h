#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace respring::chat {

/// Live messages to whoever listens now; may lose some, keeps nothing. Safe from any thread.
class PubSub {
 public:
  virtual ~PubSub() = default;

  /// Ends when it is destroyed; after that the handler is not called any more.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };
  /// Called from any thread; must not block nor subscribe. The payload is shared, not copied.
  using Handler = std::function<void(std::shared_ptr<const std::string> payload)>;

  virtual void publish(std::string_view channel, std::shared_ptr<const std::string> payload) = 0;
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(std::string channel,
                                                                Handler handler) = 0;
};

}  // namespace respring::chat
