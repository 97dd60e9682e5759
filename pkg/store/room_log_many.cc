// Reads that concern many rooms, and so many shards.
#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "store/room_log_part.h"
#include "store/room_reads.h"

namespace respring::store {

namespace {

// Reads items one after the other on one shard; `not_found` leaves its item out.
template <class Value, class Place, class Item, class Read>
Result<std::vector<std::pair<std::size_t, Value>>> read_items(
    sql::Connection& db, const std::vector<std::tuple<std::size_t, Place, Item>>& items,
    Read& read) {
  std::vector<std::pair<std::size_t, Value>> values;
  for (const auto& [index, place, item] : items) {
    RESPRING_TRY(const bool here, may_read_slot(db, place.key.slot, place.epoch));
    if (!here) return slot_moving();
    auto value = read(db, place.key, item);
    if (value) {
      values.emplace_back(index, std::move(value).assume_value());
    } else if (value.assume_error().code != ErrorCode::not_found) {
      return std::move(value).assume_error();
    }
  }
  return values;
}

constexpr std::chrono::milliseconds kPatience{1000};  // with a shard that others need not wait for

RoomId room_in(RoomId room) { return room; }
RoomId room_in(const chat::Cursor& cursor) { return cursor.room; }
RoomId room_in(const std::pair<RoomId, Seq>& place) { return place.first; }

template <class Value>
Task<Result<std::vector<Value>>> in_order(
    std::vector<Task<Result<std::vector<std::pair<std::size_t, Value>>>>> parts) {
  std::map<std::size_t, Value> all;
  for (auto& part : parts) {
    RESPRING_CO_TRY(auto values, co_await std::move(part));
    for (auto& [index, value] : values) all.emplace(index, std::move(value));
  }
  std::vector<Value> values;
  values.reserve(all.size());
  for (auto& [index, value] : all) values.push_back(std::move(value));
  co_return values;
}

}  // namespace

// Many rooms: their shards one after the other, the answers in the order of the items.
template <class Value, class Item, class Read>
Task<Result<std::vector<Value>>> RoomLog::read_once(const std::vector<Item>& items, Read read) {
  using ShardItems = std::vector<std::tuple<std::size_t, Place, Item>>;
  using Values = Result<std::vector<std::pair<std::size_t, Value>>>;
  const auto map = router_->map();
  std::vector<ShardItems> by_shard(parts_.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto place = Place::of(*map, room_in(items[i]));
    if (place.shard < 0) co_return slot_moving();
    by_shard[static_cast<std::size_t>(place.shard)].emplace_back(i, place, items[i]);
  }
  std::vector<Task<Values>> tasks;
  for (std::size_t i = 0; i < by_shard.size(); ++i) {
    if (by_shard[i].empty()) continue;
    auto work = [part = parts_[i].get(), some = std::move(by_shard[i]), read]() mutable -> Values {
      auto all = [&](sql::Connection& db) { return read_items<Value>(db, some, read); };
      return part->in_transaction(all);
    };
    tasks.push_back(ask<Values>(*parts_[i], std::move(work)));
  }
  co_return co_await in_order<Value>(std::move(tasks));
}

template <class Value, class Item, class Read>
Task<Result<std::vector<Value>>> RoomLog::read_all(std::vector<Item> items, Read read) {
  for (int attempt = 1; true; ++attempt) {
    auto result = co_await read_once<Value, Item, Read>(items, read);
    if (result || result.assume_error().code != ErrorCode::slot_moving) co_return result;
    const bool again = co_await may_try_again(attempt);
    if (!again) co_return result;
  }
}

// Shards that do not answer leave their items out; slots on their way are waited for.
template <class Value, class Item, class Read>
Task<Result<RoomLog::Reached<Value>>> RoomLog::read_reachable(std::vector<Item> items, Read read) {
  using ShardItems = std::vector<std::tuple<std::size_t, Place, Item>>;
  std::vector<std::size_t> left(items.size());
  std::iota(left.begin(), left.end(), 0);
  Reached<Value> reached;
  for (int attempt = 1; true; ++attempt) {
    std::map<std::int32_t, ShardItems> by_shard;
    const auto map = router_->map();
    for (const std::size_t i : left) {
      const auto place = Place::of(*map, room_in(items[i]));
      by_shard[place.shard].emplace_back(i, place, items[i]);
    }
    left.clear();
    for (auto& [shard, some] : by_shard) {
      auto values = co_await read_from<Value>(shard, some, read);
      if (values) {
        for (auto& [index, value] : values.assume_value())
          reached.values.emplace(index, std::move(value));
      } else if (values.assume_error().code == ErrorCode::slot_moving) {
        for (const auto& one : some) left.push_back(std::get<0>(one));
      } else if (is_out_of_reach(values.assume_error().code)) {
        for (const auto& one : some) reached.unreachable.push_back(std::get<1>(one).key.room);
      } else {
        co_return std::move(values).assume_error();
      }
    }
    if (left.empty()) co_return reached;
    const bool again = co_await may_try_again(attempt);
    if (!again) co_return slot_moving();
  }
}

// One shard's items, unless it has not answered lately.
template <class Value, class Item, class Read>
Task<Result<std::vector<std::pair<std::size_t, Value>>>> RoomLog::read_from(
    std::int32_t shard, const std::vector<std::tuple<std::size_t, Place, Item>>& items, Read read) {
  using Values = Result<std::vector<std::pair<std::size_t, Value>>>;
  if (shard < 0) co_return slot_moving();
  Part& part = *parts_[static_cast<std::size_t>(shard)];
  if (!part.reach.worth_asking()) co_return overloaded("the shard does not answer");
  auto work = [&part, items, read]() mutable -> Values {
    auto all = [&](sql::Connection& db) { return read_items<Value>(db, items, read); };
    return part.in_transaction(all);
  };
  Values values = co_await part.readers.run_within(std::move(work), kPatience);
  if (!values && is_out_of_reach(values.assume_error().code)) {
    part.reach.silent();
  } else {
    part.reach.answered();
  }
  co_return values;
}

template <class Item, class Read>
auto RoomLog::read_each(std::vector<Item> items, Read read) {
  using Value = typename std::invoke_result_t<Read&, sql::Connection&, const RoomKey&,
                                              const Item&>::value_type;
  return read_all<Value, Item, Read>(std::move(items), std::move(read));
}

Task<Result<std::vector<chat::Message>>> RoomLog::messages(
    UserId reader, std::vector<std::pair<RoomId, Seq>> which) {
  const auto hand = std::make_shared<SegmentsAtHand>();
  auto read = [=](sql::Connection& db, const RoomKey& key,
                  const std::pair<RoomId, Seq>& place) -> Result<chat::Message> {
    auto message = read_one(db, key, reader, place.second, *hand);
    if (!message && !hand->is_complete()) return not_found();  // all that is missing comes at once
    return message;
  };
  while (true) {
    auto asked = which;
    auto found = co_await read_each(std::move(asked), read);
    if (!found || hand->is_complete()) co_return found;
    const auto brought = co_await archive_->bring(hand);
    if (!brought) co_return found;  // without what cannot be reached
  }
}

Task<Result<std::vector<chat::SyncItem>>> RoomLog::sync(UserId reader,
                                                        std::vector<chat::Cursor> cursors,
                                                        int max_events) {
  auto read = [=](sql::Connection& db, const RoomKey& key, const chat::Cursor& cursor) {
    return read_sync(db, key, reader, cursor, max_events);
  };
  auto asked = cursors;
  RESPRING_CO_TRY(auto reached,
                  co_await read_reachable<chat::SyncItem>(std::move(asked), std::move(read)));
  std::vector<chat::SyncItem> items;
  items.reserve(cursors.size());
  for (std::size_t i = 0; i < cursors.size(); ++i) {
    const auto found = reached.values.find(i);
    items.push_back(found == reached.values.end()
                        ? chat::SyncItem(chat::SyncUnreachable{cursors[i].room})
                        : std::move(found->second));
  }
  co_return items;
}

Task<Result<std::vector<chat::RoomView>>> RoomLog::rooms(UserId reader, std::vector<RoomId> rooms,
                                                         bool with_last_message) {
  return read_each(std::move(rooms), [=](sql::Connection& db, const RoomKey& key, RoomId) {
    return read_view(db, key, reader, with_last_message);
  });
}

Task<Result<chat::ReachableRooms>> RoomLog::reachable_rooms(UserId reader,
                                                            std::vector<RoomId> rooms,
                                                            bool with_last_message) {
  auto read = [=](sql::Connection& db, const RoomKey& key, RoomId) {
    return read_view(db, key, reader, with_last_message);
  };
  RESPRING_CO_TRY(auto reached,
                  co_await read_reachable<chat::RoomView>(std::move(rooms), std::move(read)));
  chat::ReachableRooms found;
  for (auto& [index, view] : reached.values) found.views.push_back(std::move(view));
  found.unreachable = std::move(reached.unreachable);
  co_return found;
}

Task<Result<std::vector<std::pair<RoomId, chat::Head>>>> RoomLog::heads(std::vector<RoomId> rooms) {
  using Entry = std::pair<RoomId, chat::Head>;
  auto read = [](sql::Connection& db, const RoomKey& key, RoomId room) -> Result<Entry> {
    RESPRING_TRY(const auto head, read_head(db, key));
    return Entry(room, head);
  };
  RESPRING_CO_TRY(auto reached, co_await read_reachable<Entry>(std::move(rooms), std::move(read)));
  std::vector<Entry> heads;
  for (auto& [index, head] : reached.values) heads.push_back(std::move(head));
  co_return heads;
}

}  // namespace respring::store
