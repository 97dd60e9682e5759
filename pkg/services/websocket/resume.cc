// hello and sync: what a client missed, then live.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "chat/codec.h"
#include "chat/limits.h"
#include "services/websocket/close_codes.h"
#include "services/websocket/connection.h"
#include "services/websocket/hub.h"
#include "services/websocket/recall.h"

namespace respring::websocket {
namespace {

/// Sends the frames of what a cursor met, and says where the client stands afterwards.
struct ItemSender {
  Connection& connection;
  const std::string& asked;  ///< the room as the client wrote it

  Seq operator()(const chat::SyncEvents& item) const {
    for (const chat::Event& event : item.events) {
      connection.send_text(event_frame(chat::to_json(event)));
    }
    return item.events.empty() ? item.head : item.events.back().seq;
  }
  Seq operator()(const chat::SyncLimited& item) const {
    connection.send_text(limited_frame(item));
    return item.to;
  }
  Seq operator()(const chat::SyncReset& item) const {
    connection.send_text(reset_frame(item));
    return item.head;
  }
  Seq operator()(const chat::SyncGone&) const {
    connection.send_text(gone_frame(asked));
    return 0;
  }
  Seq operator()(const chat::SyncUnreachable&) const { return 0; }
};

/// Whether the client stands somewhere in the room after this.
bool is_known(const chat::SyncItem& item) {
  return !std::holds_alternative<chat::SyncGone>(item) &&
         !std::holds_alternative<chat::SyncUnreachable>(item);
}

RoomId room_of(const chat::SyncItem& item) {
  return std::visit([](const auto& i) { return i.room; }, item);
}

/// The room's epoch as the answer shows it; an answer without one agrees with the cursor's.
RoomEpoch epoch_of(const chat::SyncItem& item, const chat::Cursor& cursor) {
  if (const auto* events = std::get_if<chat::SyncEvents>(&item)) return events->epoch;
  if (const auto* reset = std::get_if<chat::SyncReset>(&item)) return reset->epoch;
  return cursor.epoch;
}

}  // namespace

Task<Result<void>> Connection::authenticate(const Hello& hello) {
  if (hello.ticket) {
    Secret<std::string> ticket(*hello.ticket);
    RESPRING_CO_TRY(session_, co_await hub_.ports().accounts.redeem_ticket(std::move(ticket)));
  }
  if (!session_) co_return Error{ErrorCode::unauthenticated, "no ticket", {}, {}};
  co_return success();
}

Task<void> Connection::on_hello(const Hello& hello) {
  const auto signed_in = co_await authenticate(hello);
  if (closed_) co_return;
  if (!signed_in) {
    fail(std::nullopt, signed_in.error());
    const bool refused = signed_in.error().code == ErrorCode::unauthenticated;
    close(refused ? kNotAuthenticated : kTryAgainLater, "not signed in");
    co_return;
  }
  if (!hub_.users().enter(user(), hub_.settings().connections_per_user)) {
    fail(std::nullopt, {ErrorCode::rate_limited, "too many connections", {}, {}});
    close(kTooManyRequests, "too many connections");
    co_return;
  }
  counted_ = true;
  // Listening begins before anything is read, so that nothing falls between reading and listening.
  hub_.listen_to_user(*this);
  auto rooms = co_await hub_.ports().lists.rooms_of(user());
  if (closed_) co_return;
  if (!rooms) co_return close(kTryAgainLater, "try again later");
  for (const RoomId room : rooms.value()) hub_.channel(room);
  auto found = co_await hub_.ports().log.reachable_rooms(user(), rooms.value(), false);
  if (closed_ || !found) co_return close(kTryAgainLater, "try again later");
  const auto& views = found.value().views;
  unreachable_ = std::move(found.value().unreachable);
  std::vector<chat::SyncItem> items;
  if (hello.rooms && !hello.rooms->cursors.empty()) {
    auto synced = co_await sync_behind(hub_.ports(), user(), views, hello.rooms->cursors);
    if (closed_ || !synced) co_return close(kTryAgainLater, "try again later");
    items = std::move(synced).value();
  }
  begin_stream(views, items, hello.rooms.value_or(chat::AskedCursors{}).rooms);
  for (const RoomId room : rooms.value()) hub_.drop_if_empty(room);
}

/// Without a pause in between: welcome, the backlog, ready, and from there on the channels.
void Connection::begin_stream(const std::vector<chat::RoomView>& views,
                              const std::vector<chat::SyncItem>& items,
                              const std::vector<std::string>& asked) {
  send_text(welcome_frame(*session_, hub_.settings().heartbeat.count(), hub_.node()));
  std::unordered_map<RoomId, Seq> stands;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Seq at = std::visit(ItemSender{*this, asked[i]}, items[i]);
    if (is_known(items[i])) stands[room_of(items[i])] = at;
  }
  Heads heads;
  std::vector<std::pair<RoomId, Seq>> first;
  for (const chat::RoomView& view : views) {
    const auto found = stands.find(view.id);
    const Seq at = found == stands.end() ? view.head.seq : found->second;
    heads.emplace_back(view.id, chat::Head{view.head.epoch, at, 0});
    first.emplace_back(view.id, view.first_seq);
  }
  send_text(ready_frame(heads, first));
  if (closed_) return;
  become_ready();
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (membership(views[i].id)) continue;  // he joined it while we were reading
    hub_.channel(views[i].id).begin_at(views[i].head.epoch, views[i].head.seq);
    join(views[i].id, views[i].first_seq, heads[i].second.seq);
  }
  for (const Joined& joined : std::exchange(joined_early_, {})) {
    on_joined(joined.room, joined.epoch, joined.seq);
  }
  publish_presence(true);
}

Task<void> Connection::on_sync(std::string ref, const Sync& sync) {
  auto synced = co_await hub_.ports().log.sync(user(), sync.rooms.cursors, chat::kMaxSyncEvents);
  if (closed_) co_return;
  if (!synced) co_return fail(ref, synced.error());
  const auto out_of_reach = [](const chat::SyncItem& item) {
    return std::holds_alternative<chat::SyncUnreachable>(item);
  };
  if (std::ranges::any_of(synced.value(), out_of_reach))
    co_return fail(ref, overloaded("a room cannot be read now"));
  Heads heads;
  for (std::size_t i = 0; i < synced.value().size(); ++i) {
    const chat::SyncItem& item = synced.value()[i];
    const Seq at = std::visit(ItemSender{*this, sync.rooms.rooms[i]}, item);
    if (!is_known(item) || closed_) continue;
    Membership* mine = membership(room_of(item));
    if (mine) mine->sent = mine->told = std::max(mine->sent, at);
    heads.emplace_back(room_of(item), chat::Head{epoch_of(item, sync.rooms.cursors[i]), at, 0});
  }
  send_text(synced_frame(ref, heads));
}

}  // namespace respring::websocket
