// Two connections know nothing of each other: a PUBLISH sent after a SUBSCRIBE may arrive before
// it. Whoever listens and publishes in one process would miss his own first messages. So what is
// published to a channel whose SUBSCRIBE is not answered yet is held back until it is, or until
// the listening connection fails: then others shall get it at least.
#include "redis/subscriptions.h"

#include <array>

#include "redis/command.h"

namespace respring::redis {
namespace {

constexpr std::size_t kMaxHeldBytes = 16 * 1024 * 1024;
constexpr std::size_t kHeldOverhead = 64;
constexpr std::size_t kMaxOutput = 64 * 1024 * 1024;

}  // namespace

Subscriptions::Subscriptions(Options options, std::shared_ptr<Client> publisher)
    : Link(std::move(options)),
      publisher_(std::move(publisher)),
      dropped_(metrics::counter("respring_redis_dropped_total")) {}

// The functions up to publish() are called with the lock held.

void Subscriptions::ask(std::string_view verb, const std::string& name, Channel& channel) {
  const std::array<std::string_view, 2> words = {verb, name};
  append_command(output_, words);
  ++channel.unconfirmed;
  may_hold_ = true;
  if (owed_++ == 0) owed_until_ = Clock::now() + options().command_timeout;
}

void Subscriptions::ask_for_all() {
  for (auto& [name, channel] : channels_) {
    if (channel.listeners) ask("SUBSCRIBE", name, channel);
  }
}

void Subscriptions::release(const std::string& name, Channel& channel) {
  for (const Payload& payload : channel.held) {
    held_bytes_ -= payload->size() + kHeldOverhead;
    forward(name, payload);
  }
  channel.held.clear();
}

void Subscriptions::release_all() {
  for (auto& [name, channel] : channels_) release(name, channel);
}

void Subscriptions::answered() {
  if (owed_ > 0) --owed_;
  owed_until_ = Clock::now() + options().command_timeout;
  if (owed_ > 0) return;
  release_all();  // of channels that the server refused
  may_hold_ = false;
}

void Subscriptions::confirmed(std::string_view name) {
  const auto found = channels_.find(name);
  if (found != channels_.end() && found->second.unconfirmed > 0 &&
      --found->second.unconfirmed == 0) {
    release(found->first, found->second);
    if (!found->second.listeners) channels_.erase(found);
  }
  answered();
}

void Subscriptions::forward(std::string_view channel, const Payload& payload) {
  const std::array<std::string_view, 3> words = {"PUBLISH", channel, *payload};
  publisher_->send(words, [dropped = dropped_](const Result<Reply>& reply) {
    if (!reply || reply.assume_value().is_error()) dropped.add();
  });
}

void Subscriptions::publish(std::string_view name, const Payload& payload) {
  if (!may_hold_) return forward(name, payload);
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(name);
  if (found == channels_.end()) return forward(name, payload);
  Channel& channel = found->second;
  const bool on_its_way =
      server_ == Server::connecting || (server_ == Server::up && channel.unconfirmed > 0);
  const std::size_t size = payload->size() + kHeldOverhead;
  if (!on_its_way || held_bytes_ + size > kMaxHeldBytes) {
    release(found->first, channel);
    return forward(name, payload);
  }
  held_bytes_ += size;
  channel.held.push_back(payload);
}

void Subscriptions::add(const std::string& name, std::shared_ptr<Listener> listener) {
  {
    const std::lock_guard lock(mutex_);
    Channel& channel = channels_[name];
    auto next = channel.listeners ? std::make_shared<Listeners>(*channel.listeners)
                                  : std::make_shared<Listeners>();
    const bool first = !channel.listeners;
    next->push_back(std::move(listener));
    channel.listeners = std::move(next);
    if (!first || server_ != Server::up) return;  // on_up() asks for every channel
    ask("SUBSCRIBE", name, channel);
  }
  wake();
}

void Subscriptions::remove(const std::string& name, const Listener* listener) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end() || !found->second.listeners) return;
    Channel& channel = found->second;
    auto next = std::make_shared<Listeners>(*channel.listeners);
    std::erase_if(*next, [listener](const auto& one) { return one.get() == listener; });
    if (!next->empty()) {
      channel.listeners = std::move(next);
      return;
    }
    channel.listeners = nullptr;
    if (server_ != Server::up) {
      release(found->first, channel);
      channels_.erase(found);
      return;
    }
    ask("UNSUBSCRIBE", name, channel);
  }
  wake();
}

void Subscriptions::end() {
  stop();
  const std::lock_guard lock(mutex_);
  server_ = Server::down;
}

void Subscriptions::on_up() {
  const std::lock_guard lock(mutex_);
  server_ = Server::up;
  output_.clear();
  owed_ = 0;
  ask_for_all();
  if (owed_ == 0) may_hold_ = false;
}

std::string Subscriptions::take_output() {
  const std::lock_guard lock(mutex_);
  return std::exchange(output_, {});
}

void Subscriptions::on_reply(Reply reply) {
  if (reply.kind != Reply::Kind::array || reply.elements.size() < 3) {
    const std::lock_guard lock(mutex_);
    return answered();  // a pong, or a refusal: a user without the right to this channel
  }
  const std::string& kind = reply.elements[0].text;
  const std::string& name = reply.elements[1].text;
  std::shared_ptr<const Listeners> listeners;
  {
    const std::lock_guard lock(mutex_);
    if (kind != "message") return confirmed(name);
    const auto found = channels_.find(name);
    if (found != channels_.end()) listeners = found->second.listeners;
  }
  if (!listeners) return;
  const auto payload = std::make_shared<const std::string>(std::move(reply.elements[2].text));
  for (const auto& listener : *listeners) listener->call(payload);
}

void Subscriptions::on_down(const Error&, bool retrying) {
  const std::lock_guard lock(mutex_);
  server_ = retrying ? Server::connecting : Server::down;
  output_.clear();
  owed_ = 0;
  may_hold_ = true;
  for (auto& [name, channel] : channels_) {
    channel.unconfirmed = 0;
    if (server_ == Server::down || !channel.listeners) release(name, channel);
  }
  std::erase_if(channels_, [](const auto& one) { return !one.second.listeners; });
}

std::optional<Link::Clock::time_point> Subscriptions::next_deadline() {
  const std::lock_guard lock(mutex_);
  // Changes that nobody takes would pile up behind a server that reads nothing.
  if (output_.size() > kMaxOutput) return Clock::time_point::min();
  return owed_ == 0 ? std::nullopt : std::optional(owed_until_);
}

void Subscriptions::on_silence() {
  const std::lock_guard lock(mutex_);
  output_ += command({"PING"});
  if (owed_++ == 0) owed_until_ = Clock::now() + options().command_timeout;
}

}  // namespace respring::redis
