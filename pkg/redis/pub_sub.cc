#include "redis/pub_sub.h"

#include "redis/subscriptions.h"

namespace respring::redis {
namespace {

class RedisSubscription final : public chat::PubSub::Subscription {
 public:
  RedisSubscription(std::shared_ptr<Subscriptions> all, std::string channel,
                    std::shared_ptr<Listener> listener)
      : all_(std::move(all)), channel_(std::move(channel)), listener_(std::move(listener)) {
    all_->add(channel_, listener_);
  }
  ~RedisSubscription() override {
    all_->remove(channel_, listener_.get());
    listener_->end();
  }
  RedisSubscription(const RedisSubscription&) = delete;
  RedisSubscription& operator=(const RedisSubscription&) = delete;

 private:
  std::shared_ptr<Subscriptions> all_;
  std::string channel_;
  std::shared_ptr<Listener> listener_;
};

Options named(Options options, std::string_view part) {
  options.use += part;
  return options;
}

class RedisPubSub final : public PubSub {
 public:
  explicit RedisPubSub(const Options& options)
      : publisher_(std::make_shared<Client>(named(options, "-publish"))),
        subscriptions_(std::make_shared<Subscriptions>(named(options, "-subscribe"), publisher_)) {
    subscriptions_->start();
  }
  ~RedisPubSub() override { subscriptions_->end(); }
  RedisPubSub(const RedisPubSub&) = delete;
  RedisPubSub& operator=(const RedisPubSub&) = delete;

  void publish(std::string_view channel, std::shared_ptr<const std::string> payload) override {
    subscriptions_->publish(channel, payload);
  }

  std::unique_ptr<Subscription> subscribe(std::string channel, Handler handler) override {
    return std::make_unique<RedisSubscription>(subscriptions_, std::move(channel),
                                               std::make_shared<Listener>(std::move(handler)));
  }

  health::Status status() const override {
    const auto listening = subscriptions_->status();
    return listening.state != health::State::ok ? listening : publisher_->status();
  }

 private:
  std::shared_ptr<Client> publisher_;
  std::shared_ptr<Subscriptions> subscriptions_;
};

}  // namespace

std::unique_ptr<PubSub> make_pub_sub(Options options) {
  return std::make_unique<RedisPubSub>(options);
}

}  // namespace respring::redis
