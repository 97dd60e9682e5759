// Brings one connection's stream of a room up to the room's channel by reading the log.
#include "chat/codec.h"
#include "net/frame_codec.h"
#include "services/websocket/connection.h"
#include "services/websocket/hub.h"
#include "services/websocket/recall.h"
#include "telemetry/log.h"

namespace respring::websocket {

void Connection::catch_up(Membership& membership) {
  const RoomChannel& channel = *membership.channel;
  membership.live = channel.begun() && membership.sent >= channel.head();
  if (!membership.live) hub_.spawn(catch_up_from_log(shared_from_this(), channel.room()));
}

bool Connection::take_page(RoomId room, const chat::LogPage& page) {
  Membership* mine = membership(room);
  for (const chat::Event& event : page.events) {
    if (event.seq <= mine->sent || event.seq < mine->first_seq) continue;
    if (is_behind()) {  // told by a `lag` frame as soon as he has taken what is queued
      mine->lagged = mine->live = true;
      return false;
    }
    send(net::frame_text(event_frame(chat::to_json(event))));
    if (closed_) return false;
    mine->sent = mine->told = event.seq;
    const auto* changed = std::get_if<chat::MemberChanged>(&event.body);
    if (changed && changed->user == user() && !changed->role) {
      leave(room);
      return false;
    }
  }
  return !page.events.empty();
}

Task<void> Connection::catch_up_from_log(std::shared_ptr<Connection> self, RoomId room) {
  Hub& hub = self->hub_;
  while (Membership* mine = self->membership(room)) {
    const Seq after = std::max(mine->sent, mine->first_seq - 1);
    const RoomChannel& channel = *mine->channel;
    const Seq head = channel.begun() ? channel.head() : 0;
    auto page = co_await read_behind(hub.ports(), room, channel.epoch(), after, head);
    mine = self->membership(room);  // the connection or the membership may have ended meanwhile
    if (!mine || self->closed_) co_return;
    if (!page) {
      log::warn("websocket.catch_up_failed",
                {{"room", room.str()}, {"error", page.error().detail}});
      mine->live = mine->lagged = true;
      co_return;
    }
    mine->channel->begin_at(page.value().epoch, page.value().head);
    const bool more = self->take_page(room, page.value());
    mine = self->membership(room);
    if (!mine || self->closed_ || mine->lagged) co_return;
    if (mine->sent >= mine->channel->head() || !more) {
      mine->live = true;
      co_return;
    }
  }
}

}  // namespace respring::websocket
