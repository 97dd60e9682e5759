#include "services/message/client.h"

#include <algorithm>

#include "services/message/role_wire.h"

namespace respring::message {
namespace {

namespace wire = chat::wire;
using Repeat = net::RoleClient::Repeat;

/// The fields of a call, one after the other.
class Body {
 public:
  Body() { w_.begin_object(); }
  template <class Tag>
  Body& add(std::string_view name, Id<Tag> id) {
    w_.field(name, id.str());
    return *this;
  }
  Body& add(std::string_view name, std::int64_t number) {
    w_.field(name, number);
    return *this;
  }
  Body& add(std::string_view name, bool b) {
    w_.field(name, b);
    return *this;
  }
  template <class T>
  Body& add_value(std::string_view name, const T& value) {
    w_.key(name);
    wire::write(w_, value);
    return *this;
  }
  std::string take() { return w_.end_object().take(); }

 private:
  json::Writer w_;
};

/// Up to `most` from `from` on.
template <class T>
std::vector<T> piece_of(const std::vector<T>& all, std::size_t from, std::size_t most) {
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
  return {first, first + static_cast<std::ptrdiff_t>(std::min(most, all.size() - from))};
}

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

template <class T>
Task<Result<T>> ask(const net::RoleClient& role, std::string_view path, std::string body) {
  const auto answer = co_await role.call(path, std::move(body), Repeat::allowed);
  co_return wire::answer<T>(answer);
}

template <class T>
Task<Result<std::vector<T>>> ask_list(const net::RoleClient& role, std::string_view path,
                                      std::string body) {
  const auto answer = co_await role.call(path, std::move(body), Repeat::allowed);
  co_return wire::answers<T>(answer);
}

}  // namespace

Task<Result<chat::History>> RoomLogClient::history(UserId reader, RoomId room,
                                                   chat::HistoryQuery query) {
  auto body = Body().add("reader", reader).add("room", room).add_value("query", query).take();
  return ask<chat::History>(role_, "/internal/message/history", std::move(body));
}

Task<Result<chat::Message>> RoomLogClient::message(UserId reader, RoomId room, Seq seq) {
  auto body = Body().add("reader", reader).add("room", room).add("seq", seq).take();
  return ask<chat::Message>(role_, "/internal/message/message", std::move(body));
}

Task<Result<std::vector<chat::Message>>> RoomLogClient::messages(
    UserId reader, std::vector<std::pair<RoomId, Seq>> which) {
  std::vector<chat::Cursor> cursors;
  for (const auto& [room, seq] : which) cursors.push_back({room, 0, seq});
  std::vector<chat::Message> found;
  for (std::size_t at = 0; at < cursors.size(); at += role_wire::kMessagesAtOnce) {
    const auto piece = piece_of(cursors, at, role_wire::kMessagesAtOnce);
    auto body = Body().add("reader", reader).add_value("which", piece).take();
    RESPRING_CO_TRY(auto some, co_await ask_list<chat::Message>(role_, "/internal/message/messages",
                                                                std::move(body)));
    append(found, std::move(some));
  }
  co_return found;
}

Task<Result<chat::LogPage>> RoomLogClient::log(UserId reader, RoomId room, Seq after, int limit) {
  Body body;
  body.add("reader", reader).add("room", room).add("after", after);
  body.add("limit", std::int64_t{limit});
  return ask<chat::LogPage>(role_, "/internal/message/log", body.take());
}

Task<Result<chat::LogPage>> RoomLogClient::log_for_node(RoomId room, Seq after, int limit) {
  Body body;
  body.add("room", room).add("after", after).add("limit", std::int64_t{limit});
  return ask<chat::LogPage>(role_, "/internal/message/log_for_node", body.take());
}

Task<Result<std::vector<chat::SyncItem>>> RoomLogClient::sync(UserId reader,
                                                              std::vector<chat::Cursor> cursors,
                                                              int max_events) {
  std::vector<chat::SyncItem> items;
  while (items.size() < cursors.size()) {
    const auto piece = piece_of(cursors, items.size(), role_wire::kCursorsAtOnce);
    auto body = Body()
                    .add("reader", reader)
                    .add_value("cursors", piece)
                    .add("max_events", std::int64_t{max_events})
                    .take();
    RESPRING_CO_TRY(auto some, co_await ask_list<chat::SyncItem>(role_, "/internal/message/sync",
                                                                 std::move(body)));
    if (some.empty() || some.size() > piece.size())
      co_return wire::misread(invalid("not one item per cursor"));
    append(items, std::move(some));
  }
  co_return items;
}

Task<Result<std::vector<chat::RoomView>>> RoomLogClient::rooms(UserId reader,
                                                               std::vector<RoomId> rooms,
                                                               bool with_last_message) {
  std::vector<chat::RoomView> views;
  for (std::size_t at = 0; at < rooms.size(); at += role_wire::kRoomsAtOnce) {
    const auto piece = piece_of(rooms, at, role_wire::kRoomsAtOnce);
    Body fields;
    fields.add("reader", reader).add_value("rooms", piece);
    auto body = fields.add("with_last_message", with_last_message).take();
    RESPRING_CO_TRY(auto some, co_await ask_list<chat::RoomView>(role_, "/internal/message/rooms",
                                                                 std::move(body)));
    append(views, std::move(some));
  }
  co_return views;
}

Task<Result<chat::ReachableRooms>> RoomLogClient::reachable_rooms(UserId reader,
                                                                  std::vector<RoomId> rooms,
                                                                  bool with_last_message) {
  chat::ReachableRooms all;
  for (std::size_t at = 0; at < rooms.size(); at += role_wire::kRoomsAtOnce) {
    const auto piece = piece_of(rooms, at, role_wire::kRoomsAtOnce);
    Body fields;
    fields.add("reader", reader).add_value("rooms", piece);
    auto body = fields.add("with_last_message", with_last_message).take();
    RESPRING_CO_TRY(auto some, co_await ask<chat::ReachableRooms>(
                                   role_, "/internal/message/reachable_rooms", std::move(body)));
    append(all.views, std::move(some.views));
    append(all.unreachable, std::move(some.unreachable));
  }
  co_return all;
}

Task<Result<std::vector<chat::Member>>> RoomLogClient::members(UserId reader, RoomId room,
                                                               std::optional<chat::Member> after,
                                                               int limit) {
  Body body;
  body.add("reader", reader).add("room", room);
  if (after) body.add_value("after", *after);
  body.add("limit", std::int64_t{limit});
  return ask_list<chat::Member>(role_, "/internal/message/members", body.take());
}

Task<Result<std::vector<chat::Member>>> RoomLogClient::members_for_node(RoomId room) {
  return ask_list<chat::Member>(role_, "/internal/message/members_for_node",
                                Body().add("room", room).take());
}

Task<Result<std::vector<std::pair<RoomId, chat::Head>>>> RoomLogClient::heads(
    std::vector<RoomId> rooms) {
  std::vector<std::pair<RoomId, chat::Head>> heads;
  for (std::size_t at = 0; at < rooms.size(); at += role_wire::kHeadsAtOnce) {
    const auto piece = piece_of(rooms, at, role_wire::kHeadsAtOnce);
    auto body = Body().add_value("rooms", piece).take();
    RESPRING_CO_TRY(const auto some, co_await ask_list<role_wire::RoomHead>(
                                         role_, "/internal/message/heads", std::move(body)));
    for (const auto& item : some) heads.emplace_back(item.room, item.head);
  }
  co_return heads;
}

Task<Result<std::vector<chat::Message>>> RoomLogClient::messages_by(UserId sender, RoomId room,
                                                                    Seq after, int limit) {
  Body body;
  body.add("sender", sender).add("room", room).add("after", after);
  body.add("limit", std::int64_t{limit});
  return ask_list<chat::Message>(role_, "/internal/message/messages_by", body.take());
}

Task<Result<std::vector<RoomId>>> RoomLogClient::rooms_of(UserId user, chat::Memberships which) {
  Body body;
  body.add("user", user).add("ever", which == chat::Memberships::ever);
  return ask_list<RoomId>(role_, "/internal/message/rooms_of", body.take());
}

}  // namespace respring::message
