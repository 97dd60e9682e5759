#include "local/pub_sub.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace respring::local {
namespace {

using Payload = std::shared_ptr<const std::string>;

/// One subscription's handler, and how many threads are inside it.
class Listener {
 public:
  explicit Listener(chat::PubSub::Handler handler) : handler_(std::move(handler)) {}

  void call(const Payload& payload) {
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

  /// No call begins any more; returns when none runs but those this thread itself is in.
  void end() {
    std::unique_lock lock(mutex_);
    ended_ = true;
    const auto own = std::count(inside().begin(), inside().end(), this);
    left_.wait(lock, [this, own] { return running_ <= own; });
  }

 private:
  /// The handlers this thread is in, outermost first.
  static std::vector<const Listener*>& inside() {
    static thread_local std::vector<const Listener*> stack;
    return stack;
  }

  chat::PubSub::Handler handler_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::ptrdiff_t running_ = 0;
  bool ended_ = false;
};

using Listeners = std::vector<std::shared_ptr<Listener>>;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

/// Who listens to what. A channel's list is never changed, only replaced, so that publishers use it
/// without the lock.
class Channels {
 public:
  std::shared_ptr<const Listeners> listeners(std::string_view channel) const {
    const std::shared_lock lock(mutex_);
    const auto found = map_.find(channel);
    return found == map_.end() ? nullptr : found->second;
  }

  void add(const std::string& channel, std::shared_ptr<Listener> listener) {
    const std::unique_lock lock(mutex_);
    auto& current = map_[channel];
    auto next = current ? std::make_shared<Listeners>(*current) : std::make_shared<Listeners>();
    next->push_back(std::move(listener));
    current = std::move(next);
  }

  void remove(const std::string& channel, const Listener* listener) {
    const std::unique_lock lock(mutex_);
    const auto found = map_.find(channel);
    auto next = std::make_shared<Listeners>(*found->second);
    std::erase_if(*next, [listener](const auto& one) { return one.get() == listener; });
    if (next->empty()) {
      map_.erase(found);
    } else {
      found->second = std::move(next);
    }
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Listeners>, TextHash, std::equal_to<>> map_;
};

class LocalSubscription final : public chat::PubSub::Subscription {
 public:
  LocalSubscription(std::shared_ptr<Channels> channels, std::string channel,
                    std::shared_ptr<Listener> listener)
      : channels_(std::move(channels)),
        channel_(std::move(channel)),
        listener_(std::move(listener)) {
    channels_->add(channel_, listener_);
  }
  ~LocalSubscription() override {
    channels_->remove(channel_, listener_.get());
    listener_->end();
  }
  LocalSubscription(const LocalSubscription&) = delete;
  LocalSubscription& operator=(const LocalSubscription&) = delete;

 private:
  std::shared_ptr<Channels> channels_;
  std::string channel_;
  std::shared_ptr<Listener> listener_;
};

class LocalPubSub final : public chat::PubSub {
 public:
  void publish(std::string_view channel, Payload payload) override {
    const auto listeners = channels_->listeners(channel);
    if (!listeners) return;
    for (const auto& listener : *listeners) listener->call(payload);
  }

  std::unique_ptr<Subscription> subscribe(std::string channel, Handler handler) override {
    return std::make_unique<LocalSubscription>(channels_, std::move(channel),
                                               std::make_shared<Listener>(std::move(handler)));
  }

 private:
  std::shared_ptr<Channels> channels_ = std::make_shared<Channels>();
};

}  // namespace

std::unique_ptr<chat::PubSub> make_pub_sub() { return std::make_unique<LocalPubSub>(); }

}  // namespace respring::local
