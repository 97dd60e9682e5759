// What a client asks once his stream has begun.
#include <algorithm>

#include "chat/signals.h"
#include "services/websocket/close_codes.h"
#include "services/websocket/connection.h"
#include "services/websocket/hub.h"
#include "telemetry/spans.h"

namespace respring::websocket {
namespace {

constexpr std::chrono::minutes kBadFrameWindow{1};
constexpr std::chrono::seconds kTypingPause{1};

Acked acked_by(const chat::Command& command) {
  if (std::holds_alternative<chat::Send>(command)) return Acked::send;
  return std::holds_alternative<chat::React>(command) ? Acked::reaction : Acked::change;
}

}  // namespace

void Connection::fail(const Ref& ref, const Error& error) {
  send_text(error_frame(ref, error, language_));
}

void Connection::bad_frame(const BadFrame& bad) {
  fail(bad.ref, bad.error);
  if (!bad.malformed || closed_) return;
  const auto now = Clock::now();
  if (now - bad_since_ > kBadFrameWindow) {
    bad_since_ = now;
    bad_frames_ = 0;
  }
  if (++bad_frames_ >= hub_.settings().bad_frames_per_minute) {
    close(kPolicyViolation, "too many bad frames");
  }
}

Task<void> Connection::handle(std::string text) {
  auto read = read_client_frame(text);
  if (auto* bad = std::get_if<BadFrame>(&read)) {
    bad_frame(*bad);
    if (!ready_) close(kNotAuthenticated, "hello comes first");
    co_return;
  }
  ClientFrame frame = std::move(std::get<ClientFrame>(read));
  const auto* hello = std::get_if<Hello>(&frame.body);
  if (!ready_) {
    if (!hello) co_return close(kNotAuthenticated, "hello comes first");
    co_await on_hello(*hello);
  } else if (hello) {
    bad_frame({frame.ref, invalid("hello was said already")});
  } else {
    co_await handle_frame(std::move(frame));
  }
}

Task<void> Connection::handle_frame(ClientFrame frame) {
  if (auto* change = std::get_if<Change>(&frame.body)) {
    co_await on_change(frame.ref.value_or(""), std::move(*change));
  } else if (const auto* sync = std::get_if<Sync>(&frame.body)) {
    co_await on_sync(frame.ref.value_or(""), *sync);
  } else if (const auto* watch = std::get_if<WatchPresence>(&frame.body)) {
    co_await on_watch(*watch);
  } else if (const auto* read = std::get_if<ReadTo>(&frame.body)) {
    on_read(*read);
  } else if (const auto* typing = std::get_if<Typing>(&frame.body)) {
    on_typing(*typing);
  } else {
    send_text(pong_frame(frame.ref.value_or("")));
  }
}

Task<void> Connection::on_change(std::string ref, Change change) {
  if (!change.room) co_return fail(ref, not_found("no such room"));
  if (std::holds_alternative<chat::Send>(change.command)) {
    const auto decision =
        co_await hub_.ports().limiter.take("send:" + user().str(), hub_.settings().sends_per_user);
    if (closed_) co_return;
    if (!decision.allowed) {
      co_return fail(ref, {ErrorCode::rate_limited, "too many messages", {}, decision.retry_after});
    }
  }
  const Acked acked = acked_by(change.command);
  chat::Write write{change.room, user(), std::move(change.command),
                    Clock::now() + hub_.settings().send_timeout};
  submit(std::move(write), ref, acked);
}

void Connection::on_read(const ReadTo& read) {
  if (!read.room) return fail(std::nullopt, not_found("no such room"));
  chat::Write write{read.room, user(), chat::Read{read.seq},
                    Clock::now() + hub_.settings().send_timeout};
  submit(std::move(write), std::nullopt, std::nullopt);
}

void Connection::submit(chat::Write write, Ref ref, std::optional<Acked> acked) {
  if (in_flight_ >= hub_.settings().requests_in_flight) {
    return fail(ref, overloaded("too many unanswered requests"));
  }
  ++in_flight_;
  const RoomId room = write.room;
  // Ends with the answer: the last that holds it lets it go then.
  auto span = std::make_shared<spans::Scope>("", "websocket frame", spans::Kind::server);
  write.trace = span->traceparent();
  auto done = [self = shared_from_this(), room, ref = std::move(ref), acked,
               span](Result<chat::Written> result) {
    if (!result) span->fail();
    auto answer = [self, room, ref, acked, result = std::move(result)] {
      --self->in_flight_;
      if (self->closed_) return;
      if (!result) return self->fail(ref, result.error());
      if (ref && acked) self->send_text(ack_frame(*ref, room, result.value(), *acked));
    };
    asio::post(self->hub_.io(), std::move(answer));
  };
  hub_.ports().log.submit(std::move(write), std::move(done));
}

void Connection::on_typing(const Typing& typing) {
  const auto now = Clock::now();
  if (!membership(typing.room)) return fail(std::nullopt, not_found("no such room"));
  if (now - typed_at_ < kTypingPause) return;
  typed_at_ = now;
  const std::string json = typing_frame(typing.room, user());
  chat::RoomSignal signal{.kind = chat::RoomSignal::Kind::typing, .room = typing.room};
  signal.affected = user();
  signal.json = json;
  hub_.ports().pub_sub.publish(chat::room_channel(typing.room), chat::encode(signal));
}

Task<void> Connection::on_watch(const WatchPresence& watch) {
  for (const auto& membership : memberships_) {
    const RoomId room = membership->channel->room();
    membership->watching =
        std::find(watch.rooms.begin(), watch.rooms.end(), room) != watch.rooms.end();
  }
  for (const RoomId room : watch.rooms) {
    if (!membership(room)) continue;
    auto members = co_await hub_.ports().log.members_for_node(room);
    if (closed_ || !members) co_return;
    std::vector<UserId> users;
    for (const chat::Member& member : members.value()) {
      if (member.user != user()) users.push_back(member.user);
    }
    auto online = co_await hub_.ports().presence.online(std::move(users));
    if (closed_ || !online) co_return;
    for (const UserId other : online.value()) send_text(presence_frame(other, true));
  }
}

/// He came or went: told to the rooms he is in, if this is his first or last connection.
void Connection::publish_presence(bool online) {
  std::vector<RoomId> rooms;
  for (const auto& membership : memberships_) rooms.push_back(membership->channel->room());
  auto publish = [](Ports ports, UserId user, std::string connection, std::vector<RoomId> in,
                    bool came, std::chrono::milliseconds life) -> Task<void> {
    Result<bool> changed = false;
    if (came) {
      changed = co_await ports.presence.enter(user, connection, life);
    } else {
      changed = co_await ports.presence.leave(user, connection);
    }
    if (!changed || !changed.value()) co_return;
    const std::string json = presence_frame(user, came);
    for (const RoomId room : in) {
      chat::RoomSignal signal{.kind = chat::RoomSignal::Kind::presence, .room = room};
      signal.affected = user;
      signal.json = json;
      ports.pub_sub.publish(chat::room_channel(room), chat::encode(signal));
    }
  };
  const auto id = hub_.node() + ":" + std::to_string(reinterpret_cast<std::uintptr_t>(this));
  hub_.spawn(
      publish(hub_.ports(), user(), id, std::move(rooms), online, 3 * hub_.settings().heartbeat));
}

}  // namespace respring::websocket
