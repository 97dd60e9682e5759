#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "redis/client.h"
#include "redis/listener.h"

namespace respring::redis {

/// The listening connection: who listens to what, and what the server knows of it. A channel is
/// subscribed there while it has a listener here.
class Subscriptions final : public Link {
 public:
  using Payload = std::shared_ptr<const std::string>;

  /// `publisher` sends what is published here, at once or when its channel is subscribed.
  Subscriptions(Options options, std::shared_ptr<Client> publisher);

  void add(const std::string& channel, std::shared_ptr<Listener> listener);
  void remove(const std::string& channel, const Listener* listener);
  void publish(std::string_view channel, const Payload& payload);
  void end();

 protected:
  void on_up() override;
  std::string take_output() override;
  void on_reply(Reply reply) override;
  void on_down(const Error& why, bool retrying) override;
  std::optional<Clock::time_point> next_deadline() override;
  void on_silence() override;

 private:
  struct Channel {
    std::shared_ptr<const Listeners> listeners;
    int unconfirmed = 0;  ///< commands about it that the server has not answered
    std::vector<Payload> held{};
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Channels = std::unordered_map<std::string, Channel, TextHash, std::equal_to<>>;
  enum class Server { connecting, up, down };

  void ask(std::string_view verb, const std::string& name, Channel& channel);
  void ask_for_all();
  void answered();
  void confirmed(std::string_view name);
  void forward(std::string_view channel, const Payload& payload);
  void release(const std::string& name, Channel& channel);
  void release_all();

  const std::shared_ptr<Client> publisher_;
  std::mutex mutex_;
  Channels channels_;
  Server server_ = Server::connecting;
  std::string output_;
  int owed_ = 0;  ///< answers of the server, pongs too
  Clock::time_point owed_until_{};
  std::size_t held_bytes_ = 0;
  /// Channels may hold something back; else publish() need not look.
  std::atomic<bool> may_hold_{true};
  metrics::Counter dropped_;
};

}  // namespace respring::redis
