#include "services/websocket/node.h"

#include <future>

namespace respring::websocket {

Node::Node(Ports ports, Settings settings, std::string name, async::IoPool& io)
    : ports_(ports), settings_(settings), io_(io) {
  for (std::size_t i = 0; i < io_.size(); ++i) {
    hubs_.push_back(std::make_shared<Hub>(ports_, settings_, name, io_.at(i), tasks_, users_));
  }
}

Node::~Node() = default;

void Node::start() {
  for (std::size_t i = 0; i < hubs_.size(); ++i) {
    asio::post(io_.at(i), [hub = hubs_[i]] { hub->start(); });
  }
  revocations_ = ports_.pub_sub.subscribe(
      std::string(chat::kRevokedSessionsChannel),
      [this](std::shared_ptr<const std::string> payload) { on_revoked(*payload); });
}

void Node::on_revoked(const std::string& payload) {
  std::vector<SessionId> sessions;
  for (std::size_t at = 0; at < payload.size();) {
    const std::size_t end = std::min(payload.find(' ', at), payload.size());
    const auto id = SessionId::parse(std::string_view(payload).substr(at, end - at));
    if (id) sessions.push_back(*id);
    at = end + 1;
  }
  for (const auto& hub : hubs_) {
    asio::post(hub->io(), [hub, sessions] { hub->close_sessions(sessions); });
  }
}

void Node::accept(net::UpgradedSocket socket, std::optional<chat::Session> session,
                  net::Language language) {
  for (const auto& hub : hubs_) {
    if (&hub->io().get_executor().context() != &socket.socket.get_executor().context()) continue;
    return hub->accept(std::move(socket), std::move(session), language);
  }
}

void Node::reload(const Settings& settings) {
  for (const auto& hub : hubs_) {
    asio::post(hub->io(), [hub, settings] { hub->reload(settings); });
  }
}

void Node::begin_drain(std::chrono::milliseconds spread) {
  for (const auto& hub : hubs_) {
    asio::post(hub->io(), [hub, spread] { hub->drain(spread); });
  }
}

void Node::stop() {
  revocations_.reset();
  // What the hubs were told before is done when this has run on each of them.
  for (const auto& hub : hubs_) {
    std::promise<void> reached;
    asio::post(hub->io(), [&reached] { reached.set_value(); });
    reached.get_future().wait();
  }
  tasks_.wait();
}

}  // namespace respring::websocket
