#include "services/room/list_page.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "chat/codec.h"

namespace respring::room {
namespace {

/// Where a page ended: the activity and id of its last room.
struct Position {
  std::int64_t last_at = 0;
  std::int64_t room = 0;
};

std::string purpose_for(UserId user) { return "rooms:" + user.str(); }

std::optional<Position> parse_position(const std::string& text) {
  const auto at = parse_id(text.substr(0, text.find('.')));
  const auto room = parse_id(text.substr(std::min(text.size(), text.find('.') + 1)));
  return at && room ? std::optional(Position{*at, *room}) : std::nullopt;
}

bool behind(const ListEntry& entry, const Position& position) {
  const std::int64_t at = to_ms(entry.view.last_at);
  return at < position.last_at || (at == position.last_at && entry.view.id.value < position.room);
}

void write_entry(json::Writer& w, const ListEntry& entry) {
  const chat::RoomView& view = entry.view;
  w.begin_object().key("room");
  chat::write_json(w, view);
  w.key("head");
  chat::write_json(w, view.head);
  w.field("first_seq", view.first_seq).key("last_message");
  view.last_message ? chat::write_json(w, *view.last_message) : void(w.null());
  w.field("unread", view.unread).field("read_seq", view.read_seq);
  w.field("muted", entry.muted).field("pinned", entry.pinned).end_object();
}

/// The last messages are read for the rooms of the page only.
Task<Result<void>> add_last_messages(RoomService& service, UserId user, RoomList& list) {
  std::vector<ListEntry>& page = list.entries;
  std::vector<RoomId> ids;
  for (const ListEntry& entry : page) ids.push_back(entry.view.id);
  RESPRING_CO_TRY(auto found, co_await service.log().reachable_rooms(user, std::move(ids), true));
  std::ranges::copy(found.unreachable, std::back_inserter(list.unreachable));
  std::unordered_map<RoomId, chat::RoomView*> fresh;
  for (chat::RoomView& view : found.views) fresh[view.id] = &view;
  std::erase_if(page, [&](const ListEntry& e) { return !fresh.contains(e.view.id); });
  for (ListEntry& entry : page) entry.view = std::move(*fresh[entry.view.id]);
  co_return success();
}

}  // namespace

Task<Result<net::Response>> list_page(RouteContext c, UserId user, std::size_t limit,
                                      std::optional<std::string> cursor) {
  std::optional<Position> position;
  if (cursor) {
    const auto text = c.seal.open(purpose_for(user), *cursor);
    if (text) position = parse_position(*text);
    if (!position) co_return invalid_field("cursor", "invalid");
  }
  RESPRING_CO_TRY(RoomList list, co_await c.service.list(user));
  std::vector<ListEntry>& entries = list.entries;
  if (position) std::erase_if(entries, [&](const ListEntry& e) { return !behind(e, *position); });
  std::string next;
  if (entries.size() > limit) {
    entries.resize(limit);
    const chat::RoomView& last = entries.back().view;
    next =
        c.seal.seal(purpose_for(user), std::to_string(to_ms(last.last_at)) + "." + last.id.str());
  }
  RESPRING_CO_TRYV(co_await add_last_messages(c.service, user, list));
  json::Writer w;
  w.begin_object().key("items").begin_array();
  for (const ListEntry& entry : entries) write_entry(w, entry);
  w.end_array();
  if (!next.empty()) w.field("next_cursor", next);
  chat::write_unavailable(w, list.unreachable);
  w.end_object();
  co_return net::json_response(200, w.take());
}

}  // namespace respring::room
