#include "services/websocket/hub.h"

#include <algorithm>

#include "net/frame_codec.h"
#include "services/websocket/close_codes.h"
#include "services/websocket/connection.h"
#include "services/websocket/server_frame.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::websocket {
namespace {

constexpr std::chrono::seconds kSweepEvery{1};
/// For clients to answer a close frame when the node leaves.
constexpr std::chrono::seconds kFarewell{2};
constexpr std::chrono::milliseconds kComeBackWithin{2000};
constexpr std::string_view kLeaving = "the node is leaving";
constexpr std::size_t kHeadsAtOnce = 500;
constexpr std::size_t kSessionsAtOnce = 1'000;  // the most that the user role takes

/// Spread evenly, so that not everybody comes back in the same moment.
void send_back(const std::vector<std::shared_ptr<Connection>>& all,
               std::chrono::milliseconds spread, std::string_view why) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto after =
        spread.count() * static_cast<std::int64_t>(i + 1) / static_cast<std::int64_t>(all.size());
    all[i]->send_back(after, why);
  }
}

}  // namespace

Hub::Hub(Ports ports, const Settings& settings, std::string node, asio::io_context& io,
         async::TaskGroup& tasks, UserCount& users)
    : ports_(ports),
      settings_(settings),
      node_(std::move(node)),
      io_(io),
      tasks_(tasks),
      users_(users),
      timer_(io),
      next_session_check_(std::chrono::steady_clock::now() + settings.session_check),
      farewell_(io) {
  net::WsOptions options;
  options.max_queued_bytes = settings.queue_bytes;
  options.max_queued_frames = settings.queue_frames;
  ws_options_ = std::make_shared<const net::WsOptions>(options);
}

Hub::~Hub() = default;

void Hub::start() { spawn(sweep_loop(shared_from_this())); }

void Hub::accept(net::UpgradedSocket socket, std::optional<chat::Session> session,
                 net::Language language) {
  auto connection = std::make_shared<Connection>(*this, std::move(session), language);
  connections_.insert(connection);
  connection->start(std::move(socket));
  if (stopping_) connection->send_back(0, kLeaving);
}

void Hub::drain(std::chrono::milliseconds spread) {
  stopping_ = true;
  timer_.cancel();
  send_back(std::vector(connections_.begin(), connections_.end()), spread, kLeaving);
  spawn(see_everybody_off(shared_from_this()));
}

void Hub::reload(const Settings& settings) {
  settings_.connections_per_user = settings.connections_per_user;
  settings_.frames_per_connection = settings.frames_per_connection;
  settings_.sends_per_user = settings.sends_per_user;
}

void Hub::close_sessions(const std::vector<SessionId>& sessions) {
  const auto all = std::vector(connections_.begin(), connections_.end());
  for (const auto& connection : all) {
    if (std::find(sessions.begin(), sessions.end(), connection->session()) != sessions.end()) {
      connection->close(kSessionRevoked, "the session has ended");
    }
  }
}

RoomChannel* Hub::find_channel(RoomId room) {
  const auto found = channels_.find(room);
  return found == channels_.end() ? nullptr : found->second.get();
}

RoomChannel& Hub::channel(RoomId room) {
  auto& channel = channels_[room];
  if (channel) return *channel;
  channel = std::make_unique<RoomChannel>(*this, room);
  auto handler = [weak = weak_from_this(), &io = io_,
                  room](std::shared_ptr<const std::string> payload) {
    asio::post(io, [weak, room, payload = std::move(payload)] {
      const auto self = weak.lock();
      RoomChannel* to = self ? self->find_channel(room) : nullptr;
      const auto signal = chat::decode_signal(*payload);
      if (to && signal) to->on_signal(*signal);
    });
  };
  channel->listen(ports_.pub_sub.subscribe(chat::room_channel(room), std::move(handler)));
  return *channel;
}

void Hub::post(std::function<void()> work) {
  asio::post(io_, [self = shared_from_this(), work = std::move(work)] { work(); });
}

void Hub::drop_if_empty(RoomId room) {
  post([this, room] {
    const RoomChannel* channel = find_channel(room);
    if (channel && channel->empty()) channels_.erase(room);
  });
}

void Hub::end_room(RoomId room) {
  const auto frame = net::frame_text(gone_frame(room.str()));
  const auto all = std::vector(connections_.begin(), connections_.end());
  for (const auto& connection : all) {
    if (!connection->membership(room)) continue;
    connection->send(frame);
    connection->leave(room);
  }
}

void Hub::listen_to_user(Connection& connection) {
  UserChannel& channel = user_channels_[connection.user()];
  channel.connections.push_back(&connection);
  if (channel.subscription) return;
  auto handler = [weak = weak_from_this(), &io = io_](std::shared_ptr<const std::string> payload) {
    asio::post(io, [weak, payload = std::move(payload)] {
      if (const auto self = weak.lock()) self->on_user_signal(*payload);
    });
  };
  channel.subscription =
      ports_.pub_sub.subscribe(chat::user_channel(connection.user()), std::move(handler));
}

void Hub::on_user_signal(const std::string& payload) {
  const auto signal = chat::decode_signal(payload);
  if (!signal || signal->kind != chat::RoomSignal::Kind::joined) return;
  const auto found = user_channels_.find(signal->affected);
  if (found == user_channels_.end()) return;
  const auto all = found->second.connections;  // joining may close one of them
  for (Connection* connection : all) {
    connection->on_joined(signal->room, signal->epoch, signal->seq);
  }
}

void Hub::forget(Connection& connection) {
  const auto found = user_channels_.find(connection.user());
  if (found != user_channels_.end()) {
    std::erase(found->second.connections, &connection);
    if (found->second.connections.empty()) user_channels_.erase(found);
  }
  auto self = connection.shared_from_this();
  connections_.erase(self);
  closing_.insert(std::move(self));
}

void Hub::gone(Connection& connection) {
  closing_.erase(connection.shared_from_this());
  if (closing_.empty()) farewell_.cancel();
}

/// Nobody may be left when the loop ends.
Task<void> Hub::see_everybody_off(std::shared_ptr<Hub> hub) {
  boost::system::error_code cancelled;
  hub->farewell_.expires_after(kFarewell);
  if (!hub->closing_.empty()) {
    co_await hub->farewell_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  const auto left = std::vector(hub->closing_.begin(), hub->closing_.end());
  for (const auto& connection : left) connection->cut();
  hub->farewell_.expires_after(kFarewell);
  if (!hub->closing_.empty()) {
    co_await hub->farewell_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

void Hub::sweep() {
  static const auto received =
      metrics::counter("respring_websocket_frames_total", {{"direction", "in"}});
  static const auto sent =
      metrics::counter("respring_websocket_frames_total", {{"direction", "out"}});
  received.add(static_cast<double>(std::exchange(received_, 0)));
  sent.add(static_cast<double>(std::exchange(sent_, 0)));
  const auto now = std::chrono::steady_clock::now();
  const auto all = std::vector(connections_.begin(), connections_.end());
  std::size_t queued = 0;
  for (const auto& connection : all) {
    if (!connection->closed()) connection->sweep(now);
    queued += connection->queued_bytes();
  }
  // One gauge of all hubs: each adds what has changed.
  static const auto queue_bytes = metrics::gauge("respring_websocket_queue_bytes");
  queue_bytes.add(static_cast<double>(queued) -
                  static_cast<double>(std::exchange(queued_, queued)));
  if (now >= next_comparison_ && !comparing_) {
    next_comparison_ = now + settings_.heads_check;
    comparing_ = true;
    spawn(compare_heads(shared_from_this()));
    spawn(look_for_rooms(shared_from_this()));
  }
  if (now >= next_session_check_ && !checking_) {
    next_session_check_ = now + settings_.session_check;
    checking_ = true;
    spawn(check_sessions(shared_from_this()));
  }
}

Task<void> Hub::sweep_loop(std::shared_ptr<Hub> hub) {
  while (!hub->stopping_) {
    hub->timer_.expires_after(kSweepEvery);
    boost::system::error_code cancelled;
    co_await hub->timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (!hub->stopping_) hub->sweep();
  }
}

/// Pub/sub may lose: what the log says is compared with what came here.
Task<void> Hub::compare_heads(std::shared_ptr<Hub> hub) {
  std::vector<RoomId> rooms;
  for (const auto& [room, channel] : hub->channels_) rooms.push_back(room);
  for (std::size_t at = 0; at < rooms.size() && !hub->stopping_; at += kHeadsAtOnce) {
    const auto end = std::min(rooms.size(), at + kHeadsAtOnce);
    std::vector<RoomId> some(rooms.begin() + static_cast<std::ptrdiff_t>(at),
                             rooms.begin() + static_cast<std::ptrdiff_t>(end));
    auto heads = co_await hub->ports_.log.heads(std::move(some));
    if (!heads) {
      log::warn("websocket.heads_failed", {{"error", heads.error().detail}});
      break;
    }
    for (const auto& [room, head] : heads.value()) {
      if (RoomChannel* channel = hub->find_channel(room)) channel->expect(head.seq);
    }
  }
  hub->comparing_ = false;
}

/// Whoever came while a shard did not answer comes again when it does, and hears all his rooms.
Task<void> Hub::look_for_rooms(std::shared_ptr<Hub> hub) {
  std::unordered_set<RoomId> distinct;
  for (const auto& connection : hub->connections_) {
    if (!connection->unreachable().empty()) distinct.insert(connection->unreachable().front());
    if (distinct.size() >= kHeadsAtOnce) break;
  }
  if (distinct.empty()) co_return;
  std::vector<RoomId> rooms(distinct.begin(), distinct.end());
  const auto heads = co_await hub->ports_.log.heads(std::move(rooms));
  if (!heads) co_return;
  std::unordered_set<RoomId> back;
  for (const auto& [room, head] : heads.value()) back.insert(room);
  auto coming = std::vector(hub->connections_.begin(), hub->connections_.end());
  std::erase_if(coming, [&back](const auto& connection) {
    const auto& missing = connection->unreachable();
    return !connection->ready() || missing.empty() || !back.contains(missing.front());
  });
  send_back(coming, kComeBackWithin, "a room can be read again");
}

Task<void> Hub::check_sessions(std::shared_ptr<Hub> hub) {
  std::unordered_set<SessionId> distinct;
  for (const auto& connection : hub->connections_) {
    if (connection->session()) distinct.insert(connection->session());
  }
  std::vector<SessionId> sessions(distinct.begin(), distinct.end());
  for (std::size_t at = 0; at < sessions.size() && !hub->stopping_; at += kSessionsAtOnce) {
    const auto end = std::min(sessions.size(), at + kSessionsAtOnce);
    std::vector<SessionId> some(sessions.begin() + static_cast<std::ptrdiff_t>(at),
                                sessions.begin() + static_cast<std::ptrdiff_t>(end));
    auto asked = some;
    const auto live = co_await hub->ports_.accounts.live_sessions(std::move(asked));
    if (!live) {
      // Whoever is connected stays so: a user role that is down ends nobody's conversation.
      log::warn("websocket.session_check_failed", {{"error", live.error().detail}});
      break;
    }
    std::erase_if(some, [&live](SessionId id) {
      return std::find(live.value().begin(), live.value().end(), id) != live.value().end();
    });
    if (!some.empty()) hub->close_sessions(some);
  }
  hub->checking_ = false;
}

}  // namespace respring::websocket
