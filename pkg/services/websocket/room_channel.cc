// The heart of live delivery. Pub/sub tells of each event after its commit, usually in order; it
// may lose, repeat or reorder. So a channel remembers the last seq it delivered (head_): the next
// one is delivered, older ones are dropped, and after a gap nothing is delivered until the log has
// given what is missing. A connection that joins later or reads more slowly has its own position
// (Membership::sent) and is brought up to the channel's by Connection::catch_up.
#include "services/websocket/room_channel.h"

#include <algorithm>

#include "chat/codec.h"
#include "net/frame_codec.h"
#include "services/websocket/connection.h"
#include "services/websocket/hub.h"
#include "services/websocket/recall.h"
#include "services/websocket/server_frame.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/spans.h"

namespace respring::websocket {
namespace {

void note_delivery(Time stored) {
  static const auto seconds = metrics::histogram("respring_delivery_seconds");
  if (stored == Time{}) return;  // by a node of the version before
  const auto took = SystemClock().now() - stored;
  // The clock that gave the event its time may be a little ahead.
  seconds.observe(std::max(std::chrono::duration<double>(took).count(), 0.0));
}

void note_span(std::string_view trace, spans::Clock::time_point begun, std::int64_t connections) {
  if (trace.empty()) return;
  spans::record(trace, "deliver", spans::Kind::consumer, begun,
                {{"respring.connections", std::to_string(connections)}});
}

void note_dropped(const char* reason, std::int64_t count) {
  if (count == 0) return;
  metrics::counter("respring_websocket_dropped_total", {{"reason", reason}})
      .add(static_cast<double>(count));
}

}  // namespace

void RoomChannel::listen(std::unique_ptr<chat::PubSub::Subscription> subscription) {
  subscription_ = std::move(subscription);
}

void RoomChannel::begin_at(RoomEpoch epoch, Seq head) {
  if (begun()) return;
  epoch_ = epoch;
  head_ = head;
  if (seen_ > head_) fill();
}

void RoomChannel::add(Membership& membership) {
  membership.channel = this;
  membership.place = members_.size();
  members_.push_back(&membership);
}

void RoomChannel::remove(Membership& membership) {
  members_.back()->place = membership.place;
  members_[membership.place] = members_.back();
  members_.pop_back();
}

void RoomChannel::on_signal(const chat::RoomSignal& signal) {
  using Kind = chat::RoomSignal::Kind;
  if (signal.kind == Kind::event) {
    on_event(signal);
  } else if (signal.kind == Kind::gone) {
    hub_.end_room(room_);  // destroys this channel
  } else {
    forward(signal);
  }
}

void RoomChannel::on_event(const chat::RoomSignal& signal) {
  if (begun() && signal.epoch != epoch_) return fill();
  seen_ = std::max(seen_, signal.seq);
  if (!begun() || filling_ || signal.seq <= head_) return;
  if (signal.seq == head_ + 1) return deliver(signal);
  fill();
}

void RoomChannel::expect(Seq head) {
  seen_ = std::max(seen_, head);
  if (begun() && seen_ > head_) fill();
}

void RoomChannel::deliver(const chat::RoomSignal& signal) {
  head_ = signal.seq;
  seen_ = std::max(seen_, head_);
  static const auto events = metrics::counter("respring_websocket_events_total");
  const auto begun = spans::Clock::now();
  const auto frame = net::frame_text(event_frame(signal.json));
  std::int64_t queued = 0;
  std::int64_t dropped = 0;
  for (Membership* member : members_) {
    if (!member->live || member->sent >= head_) continue;
    const bool last = signal.left && member->connection->user() == signal.affected;
    if (member->lagged || (!last && member->connection->is_behind())) {
      member->lagged = true;
      ++dropped;
      if (!last) continue;
    }
    member->connection->send(frame);
    member->sent = member->told = head_;
    ++queued;
  }
  events.add(static_cast<double>(queued));
  note_dropped("event", dropped);
  if (queued > 0) {
    note_delivery(signal.at);
    note_span(signal.trace, begun, queued);
  }
  if (signal.left) end_memberships_of(signal.affected);
}

void RoomChannel::forward(const chat::RoomSignal& signal) {
  using Kind = chat::RoomSignal::Kind;
  const auto frame = net::frame_text(signal.json);
  std::int64_t dropped = 0;
  for (Membership* member : members_) {
    if (member->connection->is_behind()) {
      ++dropped;
      continue;
    }
    const bool own = member->connection->user() == signal.affected;
    if (own && signal.kind != Kind::read) continue;  // a cursor concerns his other devices too
    if (signal.kind == Kind::presence && !member->watching) continue;
    member->connection->send(frame);
  }
  note_dropped("passing", dropped);
}

void RoomChannel::end_memberships_of(UserId user) {
  for (std::size_t i = members_.size(); i-- > 0;) {
    Membership& member = *members_[i];
    // Whoever is still catching up meets his removal in the log, as the last event he gets.
    if (member.connection->user() == user && member.live) member.connection->leave(room_);
  }
}

void RoomChannel::start_over(RoomEpoch epoch, Seq head) {
  epoch_ = epoch;
  head_ = head;
  for (Membership* member : members_) {
    member->connection->send(net::frame_text(reset_frame({room_, epoch, member->first_seq, head})));
    member->sent = member->told = head;
  }
}

void RoomChannel::fill() {
  if (filling_) return;
  filling_ = true;
  hub_.spawn(fill_from_log(hub_.shared_from_this(), room_));
}

/// True when there may be more.
bool RoomChannel::take_page(const chat::LogPage& page) {
  if (page.epoch != epoch_) {
    start_over(page.epoch, page.head);
    return false;
  }
  for (const chat::Event& event : page.events) {
    if (event.seq != head_ + 1) continue;
    const std::string json = chat::to_json(event);
    chat::RoomSignal signal{.kind = chat::RoomSignal::Kind::event, .room = room_, .epoch = epoch_};
    signal.seq = event.seq;
    signal.at = event.at;
    signal.json = json;
    if (const auto* changed = std::get_if<chat::MemberChanged>(&event.body)) {
      signal.affected = changed->user;
      signal.left = !changed->role;
    }
    deliver(signal);
  }
  return !page.events.empty() && head_ < std::max(seen_, page.head);
}

Task<void> RoomChannel::fill_from_log(std::shared_ptr<Hub> hub, RoomId room) {
  bool more = true;
  while (more) {
    RoomChannel* channel = hub->find_channel(room);
    if (!channel) co_return;
    auto page =
        co_await read_behind(hub->ports(), room, channel->epoch_, channel->head_, channel->seen_);
    channel = hub->find_channel(room);  // it may have ended meanwhile
    if (!channel) co_return;
    if (!page) {
      // The next event or the next comparison of heads tries again.
      log::warn("websocket.fill_failed", {{"room", room.str()}, {"error", page.error().detail}});
      channel->filling_ = false;
      co_return;
    }
    more = channel->take_page(page.value());
    if (!more) channel->filling_ = false;
  }
}

}  // namespace respring::websocket
