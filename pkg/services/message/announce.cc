#include "services/message/announce.h"

#include "chat/codec.h"
#include "chat/signals.h"
#include "telemetry/trace.h"

namespace respring::message {
namespace {

using chat::RoomSignal;

void announce_joined(UserId user, const chat::Event& event, chat::PubSub& pub_sub) {
  RoomSignal joined{.kind = RoomSignal::Kind::joined, .room = event.room, .epoch = event.epoch};
  joined.seq = event.seq;
  joined.affected = user;
  pub_sub.publish(chat::user_channel(user), chat::encode(joined));
}

/// Whoever an event lets in hears of it on his own channel, because he does not listen to the room
/// yet.
void announce_members(const chat::Event& event, chat::PubSub& pub_sub) {
  if (const auto* created = std::get_if<chat::Created>(&event.body)) {
    for (const chat::Founder& founder : created->members) {
      announce_joined(founder.user, event, pub_sub);
    }
  } else if (const auto* changed = std::get_if<chat::MemberChanged>(&event.body)) {
    if (changed->role) announce_joined(changed->user, event, pub_sub);
  }
}

bool changes_older(const chat::Event& event) {
  return std::holds_alternative<chat::Edited>(event.body) ||
         std::holds_alternative<chat::Deleted>(event.body) ||
         std::holds_alternative<chat::Reacted>(event.body);
}

/// What live nodes need to note their part of a trace; nothing where nobody follows it.
std::string_view followed(const std::string& trace) {
  const auto context = trace::parse_traceparent(trace);
  return context && context->sampled ? std::string_view(trace) : std::string_view();
}

void announce_event(const chat::Event& event, std::string_view json, std::string_view trace,
                    chat::PubSub& pub_sub, chat::RecentEvents& recent) {
  RoomSignal signal{.kind = RoomSignal::Kind::event, .room = event.room, .epoch = event.epoch};
  signal.seq = event.seq;
  signal.at = event.at;
  signal.trace = trace;
  signal.json = json;
  if (const auto* changed = std::get_if<chat::MemberChanged>(&event.body)) {
    signal.affected = changed->user;
    signal.left = !changed->role;
  }
  announce_members(event, pub_sub);
  auto payload = chat::encode(signal);
  recent.add({event.room, event.epoch, event.seq, changes_older(event), payload});
  pub_sub.publish(chat::room_channel(event.room), std::move(payload));
}

void announce_read(const chat::Write& write, const chat::Written& written, chat::PubSub& pub_sub) {
  json::Writer w;
  w.begin_object().field("op", "read").field("room", write.room.str());
  w.field("user", write.actor.str()).field("seq", written.read_seq).end_object();
  RoomSignal signal{.kind = RoomSignal::Kind::read, .room = write.room};
  signal.affected = write.actor;
  signal.json = w.text();
  pub_sub.publish(chat::room_channel(write.room), chat::encode(signal));
}

}  // namespace

void announce(const chat::Write& write, const chat::Written& written, chat::PubSub& pub_sub,
              chat::RecentEvents& recent) {
  for (std::size_t i = 0; i < written.events.size(); ++i) {
    announce_event(written.events[i], written.json[i], followed(write.trace), pub_sub, recent);
  }
  if (std::holds_alternative<chat::Read>(write.command)) announce_read(write, written, pub_sub);
  if (std::holds_alternative<chat::Close>(write.command)) {
    recent.forget(write.room);
    const RoomSignal gone{.kind = RoomSignal::Kind::gone, .room = write.room};
    pub_sub.publish(chat::room_channel(write.room), chat::encode(gone));
  }
}

}  // namespace respring::message
