#include "services/message/internal_routes.h"

#include <algorithm>
#include <atomic>

#include "async/completion.h"
#include "services/message/role_wire.h"

namespace respring::message {
namespace {

namespace wire = chat::wire;
using net::RoleCall;
using role_wire::Outcome;
using Answer = Task<Result<std::string>>;
using Work = Answer (*)(chat::RoomLog&, RoleCall&);

template <class T>
std::string list_text(const std::vector<T>& items) {
  json::Writer w;
  w.begin_array();
  for (const T& item : items) role_wire::write(w, item);
  w.end_array();
  return w.take();
}

int take_limit(json::Fields& fields, std::string_view name = "limit") {
  return static_cast<int>(wire::take_int(fields, name, 0, wire::kMaxLimit));
}

/// Refuses lists longer than the client cuts them.
template <class T>
std::vector<T> take_at_most(json::Fields& fields, std::string_view name, std::size_t most) {
  const json::Array* array = fields.array(name);
  if (array && array->size() > most) {
    fields.fail(name, "too_long");
    return {};
  }
  return wire::take_all<T>(fields, name);
}

std::vector<chat::Write> take_writes(json::Fields& fields) {
  std::vector<chat::Write> writes;
  const json::Array* array = fields.array("writes");
  if (!array) return writes;
  if (array->size() > role_wire::kWritesAtOnce) fields.fail("writes", "too_long");
  const auto now = wire::Steady::now();
  for (const json::Value& value : *array) {
    auto write = wire::read_write(value, now);
    if (!write) {
      fields.fail("writes", "invalid");
      return {};
    }
    writes.push_back(std::move(write).assume_value());
  }
  return writes;
}

/// Collects what becomes of writes that are answered one by one from other threads.
struct Outcomes {
  std::vector<Outcome> all;
  std::atomic<std::size_t> open;
  std::function<void(std::vector<Outcome>)> deliver;
};

/// Submits them in order, so that those of one room are committed in this order.
Task<std::vector<Outcome>> write_all(chat::RoomLog& log, std::vector<chat::Write> writes) {
  auto start = [&log, &writes](std::function<void(std::vector<Outcome>)> deliver) {
    const std::size_t count = writes.size();
    auto outcomes = std::make_shared<Outcomes>();
    outcomes->all.resize(count);
    outcomes->open = count;
    outcomes->deliver = std::move(deliver);
    for (std::size_t i = 0; i < count; ++i) outcomes->all[i].lane = log.lane_of(writes[i].room);
    for (std::size_t i = 0; i < count; ++i) {
      log.submit(std::move(writes[i]), [outcomes, i](Result<chat::Written> result) {
        outcomes->all[i].result = std::move(result);
        if (--outcomes->open == 0) outcomes->deliver(std::move(outcomes->all));
      });
    }
  };
  co_return co_await async::wait_for<std::vector<Outcome>>(std::move(start));
}

Answer write(chat::RoomLog& log, RoleCall& call) {
  auto writes = take_writes(call.fields);
  RESPRING_CO_TRYV(call.understood());
  if (writes.empty()) co_return std::string("[]");
  const auto outcomes = co_await write_all(log, std::move(writes));
  co_return list_text(outcomes);
}

Answer history(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  const auto query = wire::take<chat::HistoryQuery>(call.fields, "query");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto page, co_await log.history(reader, room, query));
  co_return wire::to_text(page);
}

Answer one_message(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  const Seq seq = wire::take_int(call.fields, "seq", INT64_MIN);
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto message, co_await log.message(reader, room, seq));
  co_return wire::to_text(message);
}

Answer several_messages(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  const auto cursors = take_at_most<chat::Cursor>(call.fields, "which", role_wire::kMessagesAtOnce);
  RESPRING_CO_TRYV(call.understood());
  std::vector<std::pair<RoomId, Seq>> which;
  for (const chat::Cursor& cursor : cursors) which.emplace_back(cursor.room, cursor.seq);
  RESPRING_CO_TRY(const auto found, co_await log.messages(reader, std::move(which)));
  co_return wire::to_text(found);
}

Answer log_of(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  const Seq after = wire::take_int(call.fields, "after", INT64_MIN);
  const int limit = take_limit(call.fields);
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto page, co_await log.log(reader, room, after, limit));
  co_return wire::to_text(page);
}

Answer log_for_node(chat::RoomLog& log, RoleCall& call) {
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  const Seq after = wire::take_int(call.fields, "after", INT64_MIN);
  const int limit = take_limit(call.fields);
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto page, co_await log.log_for_node(room, after, limit));
  co_return wire::to_text(page);
}

/// As many of the items, in order, as make a bearable answer; the client asks for the rest again.
Answer sync(chat::RoomLog& log, RoleCall& call) {
  constexpr std::size_t kGroup = 8;
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  const auto cursors =
      take_at_most<chat::Cursor>(call.fields, "cursors", role_wire::kCursorsAtOnce);
  const int max_events = take_limit(call.fields, "max_events");
  RESPRING_CO_TRYV(call.understood());
  json::Writer w;
  w.begin_array();
  std::size_t answered = 0;
  bool full = false;
  while (answered < cursors.size() && !full) {
    const auto first = cursors.begin() + static_cast<std::ptrdiff_t>(answered);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(kGroup, cursors.size() - answered));
    std::vector<chat::Cursor> group(first, last);
    const std::size_t asked = group.size();
    RESPRING_CO_TRY(const auto items, co_await log.sync(reader, std::move(group), max_events));
    if (items.size() != asked) co_return internal("not one item per cursor");
    for (const chat::SyncItem& item : items) {
      const std::string text = wire::to_text(item);
      full = answered != 0 && w.text().size() + text.size() > role_wire::kSyncAnswer;
      if (full) break;
      w.raw(text);
      ++answered;
    }
  }
  w.end_array();
  co_return w.take();
}

Answer rooms(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  auto ids = take_at_most<RoomId>(call.fields, "rooms", role_wire::kRoomsAtOnce);
  const bool with_last = wire::take_bool(call.fields, "with_last_message");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto views, co_await log.rooms(reader, std::move(ids), with_last));
  co_return wire::to_text(views);
}

Answer reachable_rooms(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  auto ids = take_at_most<RoomId>(call.fields, "rooms", role_wire::kRoomsAtOnce);
  const bool with_last = wire::take_bool(call.fields, "with_last_message");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto found,
                  co_await log.reachable_rooms(reader, std::move(ids), with_last));
  co_return wire::to_text(found);
}

Answer members(chat::RoomLog& log, RoleCall& call) {
  const auto reader = wire::take_id<UserId>(call.fields, "reader");
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  const auto after = wire::take_optional<chat::Member>(call.fields, "after");
  const int limit = take_limit(call.fields);
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto page, co_await log.members(reader, room, after, limit));
  co_return wire::to_text(page);
}

Answer members_for_node(chat::RoomLog& log, RoleCall& call) {
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto all, co_await log.members_for_node(room));
  co_return wire::to_text(all);
}

Answer heads(chat::RoomLog& log, RoleCall& call) {
  auto ids = take_at_most<RoomId>(call.fields, "rooms", role_wire::kHeadsAtOnce);
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto found, co_await log.heads(std::move(ids)));
  std::vector<role_wire::RoomHead> items;
  for (const auto& [room, head] : found) items.push_back({room, head});
  co_return list_text(items);
}

Answer messages_by(chat::RoomLog& log, RoleCall& call) {
  const auto sender = wire::take_id<UserId>(call.fields, "sender");
  const auto room = wire::take_id<RoomId>(call.fields, "room");
  const Seq after = wire::take_int(call.fields, "after", INT64_MIN);
  const int limit = take_limit(call.fields);
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto page, co_await log.messages_by(sender, room, after, limit));
  co_return wire::to_text(page);
}

Answer rooms_of(chat::RoomLog& log, RoleCall& call) {
  const auto user = wire::take_id<UserId>(call.fields, "user");
  const bool ever = call.fields.boolean("ever").value_or(false);
  const auto which = ever ? chat::Memberships::ever : chat::Memberships::present;
  RESPRING_CO_TRYV(call.understood());
  RESPRING_CO_TRY(const auto found, co_await log.rooms_of(user, which));
  co_return wire::to_text(found);
}

}  // namespace

void add_internal_routes(net::Router& router, chat::RoomLog& log, const net::IdentitySeal& seal) {
  const auto add = [&](const std::string& name, Work work) {
    auto handler = [&log, work](RoleCall& call) { return work(log, call); };
    net::add_role_call(router, "/internal/message/" + name, seal, handler);
  };
  add("write", write);
  add("history", history);
  add("message", one_message);
  add("messages", several_messages);
  add("log", log_of);
  add("log_for_node", log_for_node);
  add("sync", sync);
  add("rooms", rooms);
  add("reachable_rooms", reachable_rooms);
  add("members", members);
  add("members_for_node", members_for_node);
  add("heads", heads);
  add("messages_by", messages_by);
  add("rooms_of", rooms_of);
}

}  // namespace respring::message
