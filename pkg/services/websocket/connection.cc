#include "services/websocket/connection.h"

#include <algorithm>

#include "net/frame_codec.h"
#include "services/websocket/close_codes.h"
#include "services/websocket/hub.h"
#include "telemetry/metrics.h"

namespace respring::websocket {
namespace {

constexpr std::size_t kMaxInput = 512;  // frames read but not handled yet

const metrics::Gauge& open_connections() {
  static const auto gauge = metrics::gauge("respring_websocket_connections");
  return gauge;
}

}  // namespace

Connection::Connection(Hub& hub, std::optional<chat::Session> session, net::Language language)
    : hub_(hub), session_(std::move(session)), language_(language), opened_(Clock::now()) {
  budget_ = {hub_.settings().frames_per_connection.burst, opened_};
}

void Connection::start(net::UpgradedSocket socket) {
  ws_ = net::WsConnection::start(std::move(socket), net::WsRole::server, hub_.ws_options(),
                                 shared_from_this());
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (closed_) return;
  const auto self = shared_from_this();  // end() lets go of us
  ws_->close(code, reason);
  end();
}

void Connection::on_closed(std::uint16_t code) {
  metrics::counter("respring_websocket_closed_total", {{"code", std::to_string(code)}}).add();
  const auto self = shared_from_this();
  end();
  hub_.gone(*this);
}

void Connection::end() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  if (ready_) {
    open_connections().add(-1);
    publish_presence(false);
  }
  while (!memberships_.empty()) leave(memberships_.back()->channel->room());
  if (counted_) hub_.users().leave(user());
  hub_.forget(*this);
}

void Connection::send(const Frame& frame) {
  if (closed_ || lost_) return;
  hub_.note_sent();
  if (ws_->send(frame)) return;
  // Not at once: whoever sends goes through the members of a room, and closing ends memberships.
  lost_ = true;
  hub_.post([self = shared_from_this()] { self->close_slow(); });
}

void Connection::close_slow() {
  if (closed_) return;
  metrics::counter("respring_websocket_dropped_total", {{"reason", "connection"}}).add();
  close(kTooSlow, "too slow");
}

void Connection::send_text(std::string_view json) { send(net::frame_text(json)); }

bool Connection::is_behind() const {
  return closed_ || lost_ || ws_->queued_bytes() > hub_.settings().lag_bytes ||
         ws_->queued_frames() > hub_.settings().lag_frames;
}

Membership* Connection::membership(RoomId room) {
  for (const auto& membership : memberships_) {
    if (membership->channel->room() == room) return membership.get();
  }
  return nullptr;
}

void Connection::join(RoomId room, Seq first_seq, Seq sent) {
  auto membership = std::make_unique<Membership>();
  membership->connection = this;
  membership->first_seq = first_seq;
  membership->sent = membership->told = sent;
  RoomChannel& channel = hub_.channel(room);
  channel.add(*membership);
  memberships_.push_back(std::move(membership));
  catch_up(*memberships_.back());
}

void Connection::on_joined(RoomId room, RoomEpoch epoch, Seq seq) {
  if (closed_ || membership(room)) return;
  if (!ready_) {
    joined_early_.push_back({room, epoch, seq});
    return;
  }
  RoomChannel& channel = hub_.channel(room);
  channel.begin_at(epoch, seq - 1);
  join(room, seq, seq - 1);
  channel.expect(seq);
}

void Connection::leave(RoomId room) {
  const auto of_room = [room](const auto& m) { return m->channel->room() == room; };
  const auto found = std::find_if(memberships_.begin(), memberships_.end(), of_room);
  if (found == memberships_.end()) return;
  RoomChannel& channel = *(*found)->channel;
  channel.remove(**found);
  memberships_.erase(found);
  if (channel.empty()) hub_.drop_if_empty(room);
}

void Connection::on_message(std::string_view text) {
  if (closed_) return;
  hub_.note_received();
  if (!within_budget()) return;
  if (!input_) input_ = std::make_unique<std::deque<std::string>>();
  if (input_->size() >= kMaxInput) return close(kTooManyRequests, "too many requests");
  input_->emplace_back(text);
  if (handling_) return;
  handling_ = true;
  hub_.spawn(handle_frames(shared_from_this()));
}

/// Takes a token. Beyond its rate a frame is refused; who goes on for as long again is closed.
bool Connection::within_budget() {
  const chat::RateLimit& limit = hub_.settings().frames_per_connection;
  if (limit.off()) return true;
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - budget_.at).count();
  budget_.tokens = std::min(limit.burst, budget_.tokens + seconds * limit.per_second);
  budget_.at = now;
  if (budget_.tokens >= 1) {
    budget_.tokens -= 1;
    refused_frames_ = 0;
    return true;
  }
  static const auto refused =
      metrics::counter("respring_rate_limited_total", {{"limit", "frames_per_connection"}});
  refused.add();
  const auto wait = std::chrono::duration<double>((1 - budget_.tokens) / limit.per_second);
  Error error{ErrorCode::rate_limited, "too many frames", {}, {}};
  error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(wait);
  if (++refused_frames_ > limit.burst) {
    close(kTooManyRequests, "too many requests");
  } else {
    fail(std::nullopt, error);
  }
  return false;
}

Task<void> Connection::handle_frames(std::shared_ptr<Connection> self) {
  while (!self->closed_ && !self->input_->empty()) {
    std::string text = std::move(self->input_->front());
    self->input_->pop_front();
    co_await self->handle(std::move(text));
  }
  self->handling_ = false;
  if (!self->closed_) self->input_.reset();  // an idle connection holds no memory for input
}

void Connection::sweep(Clock::time_point now) {
  const Settings& settings = hub_.settings();
  if (!ready_ && now - opened_ > settings.hello_timeout) {
    return close(kNotAuthenticated, "no hello in time");
  }
  const auto stalled = ws_->stalled_since();
  if (stalled && now - *stalled > settings.stuck_timeout) return close_slow();
  if (now - ws_->last_activity() > 2 * settings.heartbeat + std::chrono::seconds(10)) {
    return close(kGoingAway, "no sign of life");
  }
  if (!ready_) return;
  tell_lags();
  if (now >= next_heartbeat_) {
    next_heartbeat_ = now + settings.heartbeat;
    heartbeat();
  }
}

/// The heads that moved since they were last told show a client what he lost; the ping shows us a
/// client that is gone.
void Connection::heartbeat() {
  Heads moved;
  for (const auto& membership : memberships_) {
    const RoomChannel& channel = *membership->channel;
    if (!channel.begun() || channel.head() <= membership->told) continue;
    moved.emplace_back(channel.room(), chat::Head{channel.epoch(), channel.head(), 0});
    membership->told = channel.head();
  }
  send_text(heads_frame(moved));
  static const Frame ping =
      std::make_shared<const std::string>(net::encode_frame(net::Opcode::ping, ""));
  send(ping);
}

void Connection::tell_lags() {
  if (closed_ || ws_->queued_bytes() > hub_.settings().lag_bytes / 2) return;
  if (ws_->queued_frames() > hub_.settings().lag_frames / 2) return;
  for (std::size_t i = 0; i < memberships_.size() && !closed_; ++i) {
    Membership& membership = *memberships_[i];
    if (!membership.lagged || !membership.channel->begun()) continue;
    static const auto lags = metrics::counter("respring_websocket_lag_total");
    lags.add();
    membership.lagged = false;
    membership.live = true;
    membership.sent = membership.told = membership.channel->head();
    send_text(lag_frame(membership.channel->room(), membership.sent));
  }
}

void Connection::become_ready() {
  ready_ = true;
  next_heartbeat_ = Clock::now() + hub_.settings().heartbeat;
  open_connections().add(1);
}

void Connection::send_back(std::int64_t after_ms, std::string_view why) {
  if (closed_) return;
  send_text(reconnect_frame(after_ms));
  close(kGoingAway, why);
}

}  // namespace respring::websocket
