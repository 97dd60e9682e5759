#include "store/room_log.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "async/pool.h"
#include "store/migrations.h"
#include "store/reach.h"
#include "store/room_reads.h"
#include "telemetry/metrics.h"

namespace respring::store {

namespace {

std::function<void()> count_refusals(const std::string& pool) {
  return [counter = metrics::counter("respring_pool_refused_total", {{"pool", pool}})] {
    counter.add();
  };
}

}  // namespace

struct RoomLog::Part {
  Part(const Options& options, const Shard& shard, std::size_t writers, WriteRouter& router)
      : connections(shard.connect, options.read_threads),
        readers({.name = "r-" + shard.name,
                 .threads = options.read_threads,
                 .queue_limit = options.read_queue,
                 .on_refused = count_refusals(shard.name + "-reads")}),
        relay({shard.name, shard.connect, options.bus, options.clock, options.node}),
        writer(writing(options, shard, writers, router)) {}

  ShardWriter::Options writing(const Options& options, const Shard& shard, std::size_t writers,
                               WriteRouter& router) {
    ShardWriter::Options writing{.name = shard.name, .connect = shard.connect};
    writing.clock = options.clock;
    writing.connections = writers;
    writing.batch_limit = options.batch_limit;
    writing.queue_limit = options.write_queue;
    writing.on_events_committed = [this] { relay.wake(); };
    writing.max_freeze = options.max_freeze;
    if (!router.follows_changes()) return writing;
    writing.on_elsewhere = [&router](WriteJob job) { router.turned_back(std::move(job)); };
    writing.on_stuck = [&router](shardmap::Slot slot) { router.stuck(slot); };
    return writing;
  }

  /// Runs `work(connection)` inside one read transaction. Blocks.
  template <class Work>
  auto in_transaction(Work& work) -> decltype(work(std::declval<sql::Connection&>())) {
    RESPRING_TRY(const auto connection, connections.acquire());
    RESPRING_TRY(const auto transaction, sql::Transaction::begin(*connection, sql::Begin::read));
    return work(*connection);
  }

  sql::Pool connections;
  Reach reach;  ///< for those who can do without the shard
  Reach hangs;  ///< for everybody: it has let a reader wait too long
  async::BlockingPool readers;
  OutboxRelay relay;
  ShardWriter writer;
};

RoomLog::RoomLog(Options options) : options_(std::move(options)) {}

RoomLog::~RoomLog() { stop(); }

sql::Result<std::unique_ptr<RoomLog>> RoomLog::open(Options options) {
  std::unique_ptr<RoomLog> log(new RoomLog(std::move(options)));
  WriteRouter::Options routing{log->options_.map, log->options_.newer_map, log->options_.settle};
  routing.poll = log->options_.map_poll;
  routing.wait_limit = log->options_.write_queue;
  log->router_ = std::make_unique<WriteRouter>(std::move(routing));
  for (std::size_t i = 0; i < log->options_.shards.size(); ++i) {
    RESPRING_TRYV(log->open_shard(i));
  }
  for (auto& part : log->parts_) {
    if (log->options_.bus != nullptr) part->relay.start();
    part->writer.start();
  }
  std::vector<ShardWriter*> writers;
  for (auto& part : log->parts_) writers.push_back(&part->writer);
  log->router_->start(std::move(writers));
  return log;
}

sql::Result<void> RoomLog::open_shard(std::size_t index) {
  const auto& shard = options_.shards[index];
  RESPRING_TRY(const auto connection, shard.connect());
  RESPRING_TRYV(migrate(*connection, built_in_migrations("message")));
  RESPRING_TRYV(seed_slots(*connection, options_.map, static_cast<std::int32_t>(index)));
  const auto writers = connection->dialect().writers();
  parts_.push_back(std::make_unique<Part>(options_, shard, writers, *router_));
  return success();
}

void RoomLog::stop() {
  for (auto& part : parts_) part->writer.stop();
  if (router_) router_->stop();
  for (auto& part : parts_) {
    part->readers.stop();
    part->relay.stop();
  }
}

std::vector<RoomLog::ShardStats> RoomLog::stats() const {
  std::vector<ShardStats> all;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    all.push_back({options_.shards[i].name, parts_[i]->writer.stats(), parts_[i]->relay.stats(),
                   static_cast<std::int64_t>(parts_[i]->readers.queued())});
  return all;
}

void RoomLog::submit(chat::Write write, Done done) {
  const auto key = key_of(write.room);
  router_->submit({std::move(write), key, 0, std::move(done)});
}

std::int64_t RoomLog::lane_of(RoomId room) const {
  return std::max(0, router_->map()->owner_of(key_of(room).slot).shard);
}

// After a shard said that it does not have the slot: the map is looked at, and another try is worth
// it a moment later.
Task<bool> RoomLog::may_try_again(int attempt) {
  constexpr int kTries = 40;
  if (!router_->follows_changes() || attempt >= kTries) co_return false;
  router_->look_again();
  co_await async::sleep_for(std::chrono::milliseconds(std::min(3 * attempt, 60)));
  co_return true;
}

// On the shard's threads, of which a shard that hangs soon holds all: then readers must not stand
// in line for them and hold the connections that they came by. One a second tries.
template <class R, class Work>
Task<R> RoomLog::ask(Part& part, Work work) {
  if (!part.hangs.worth_asking()) co_return overloaded("the shard does not answer");
  R result = co_await part.readers.run_within(std::move(work), options_.longest_read);
  if (!result && result.assume_error().code == ErrorCode::upstream_unavailable) {
    part.hangs.silent();
  } else {
    part.hangs.answered();
  }
  co_return result;
}

template <class Read, class R>
Task<R> RoomLog::read_as(RoomId room, Read read) {
  const auto key = key_of(room);
  for (int attempt = 1; true; ++attempt) {
    const auto shard = router_->map()->owner_of(key.slot).shard;
    R result = slot_moving();
    if (shard >= 0) {
      auto fenced = [read, key](sql::Connection& db) mutable -> R {
        RESPRING_TRY(const bool here, may_read_slot(db, key.slot));
        if (!here) return slot_moving();
        return read(db, key);
      };
      auto& part = *parts_[static_cast<std::size_t>(shard)];
      auto work = [&part, fenced = std::move(fenced)]() mutable -> R {
        return part.in_transaction(fenced);
      };
      result = co_await ask<R>(part, std::move(work));
    }
    if (result || result.assume_error().code != ErrorCode::slot_moving) co_return result;
    const bool again = co_await may_try_again(attempt);
    if (!again) co_return result;
  }
}

// One room: `read(connection, key)` answers a Result.
template <class Read>
auto RoomLog::read(RoomId room, Read read) {
  using R = std::invoke_result_t<Read&, sql::Connection&, const RoomKey&>;
  return read_as<Read, R>(room, std::move(read));
}

namespace {

// Reads items one after the other on one shard; `not_found` leaves its item out.
template <class Value, class Item, class Read>
Result<std::vector<std::pair<std::size_t, Value>>> read_items(
    sql::Connection& db, const std::vector<std::tuple<std::size_t, RoomKey, Item>>& items,
    Read& read) {
  std::vector<std::pair<std::size_t, Value>> values;
  for (const auto& [index, key, item] : items) {
    RESPRING_TRY(const bool here, may_read_slot(db, key.slot));
    if (!here) return slot_moving();
    auto value = read(db, key, item);
    if (value) {
      values.emplace_back(index, std::move(value).assume_value());
    } else if (value.assume_error().code != ErrorCode::not_found) {
      return std::move(value).assume_error();
    }
  }
  return values;
}

constexpr std::chrono::milliseconds kPatience{1000};  // with a shard that others need not wait for

bool is_out_of_reach(const Error& error) {
  return error.code == ErrorCode::overloaded || error.code == ErrorCode::upstream_unavailable;
}

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
  using ShardItems = std::vector<std::tuple<std::size_t, RoomKey, Item>>;
  using Values = Result<std::vector<std::pair<std::size_t, Value>>>;
  const auto map = router_->map();
  std::vector<ShardItems> by_shard(parts_.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto key = key_of(room_in(items[i]));
    const auto shard = map->owner_of(key.slot).shard;
    if (shard < 0) co_return slot_moving();
    by_shard[static_cast<std::size_t>(shard)].emplace_back(i, key, items[i]);
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
  using ShardItems = std::vector<std::tuple<std::size_t, RoomKey, Item>>;
  ShardItems left;
  for (std::size_t i = 0; i < items.size(); ++i)
    left.emplace_back(i, key_of(room_in(items[i])), items[i]);
  Reached<Value> reached;
  for (int attempt = 1; true; ++attempt) {
    std::map<std::int32_t, ShardItems> by_shard;
    const auto map = router_->map();
    for (auto& one : left) by_shard[map->owner_of(std::get<1>(one).slot).shard].push_back(one);
    left.clear();
    for (auto& [shard, some] : by_shard) {
      auto values = co_await read_from<Value>(shard, some, read);
      if (values) {
        for (auto& [index, value] : values.assume_value())
          reached.values.emplace(index, std::move(value));
      } else if (values.assume_error().code == ErrorCode::slot_moving) {
        std::ranges::move(some, std::back_inserter(left));
      } else if (is_out_of_reach(values.assume_error())) {
        for (const auto& one : some) reached.unreachable.push_back(std::get<1>(one).room);
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
    std::int32_t shard, const std::vector<std::tuple<std::size_t, RoomKey, Item>>& items,
    Read read) {
  using Values = Result<std::vector<std::pair<std::size_t, Value>>>;
  if (shard < 0) co_return slot_moving();
  Part& part = *parts_[static_cast<std::size_t>(shard)];
  if (!part.reach.worth_asking()) co_return overloaded("the shard does not answer");
  auto work = [&part, items, read]() mutable -> Values {
    auto all = [&](sql::Connection& db) { return read_items<Value>(db, items, read); };
    return part.in_transaction(all);
  };
  Values values = co_await part.readers.run_within(std::move(work), kPatience);
  if (!values && is_out_of_reach(values.assume_error())) {
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

Task<Result<chat::History>> RoomLog::history(UserId reader, RoomId room, chat::HistoryQuery query) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_history(db, key, reader, query);
  });
}

Task<Result<chat::Message>> RoomLog::message(UserId reader, RoomId room, Seq seq) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_one(db, key, reader, seq);
  });
}

Task<Result<std::vector<chat::Message>>> RoomLog::messages(
    UserId reader, std::vector<std::pair<RoomId, Seq>> which) {
  return read_each(std::move(which), [=](sql::Connection& db, const RoomKey& key,
                                         const std::pair<RoomId, Seq>& place) {
    return read_one(db, key, reader, place.second);
  });
}

Task<Result<chat::LogPage>> RoomLog::log(UserId reader, RoomId room, Seq after, int limit) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_log(db, key, reader, after, limit);
  });
}

Task<Result<chat::LogPage>> RoomLog::log_for_node(RoomId room, Seq after, int limit) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_log(db, key, std::nullopt, after, limit);
  });
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

Task<Result<std::vector<chat::Member>>> RoomLog::members(UserId reader, RoomId room,
                                                         std::optional<chat::Member> after,
                                                         int limit) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_members(db, key, reader, after, limit);
  });
}

Task<Result<std::vector<chat::Member>>> RoomLog::members_for_node(RoomId room) {
  return read(
      room, [](sql::Connection& db, const RoomKey& key) { return read_members_for_node(db, key); });
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

Task<Result<std::vector<chat::Message>>> RoomLog::messages_by(UserId sender, RoomId room, Seq after,
                                                              int limit) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_messages_by(db, key, sender, after, limit);
  });
}

Task<Result<std::vector<RoomId>>> RoomLog::rooms_once(UserId user, chat::Memberships which) {
  std::vector<RoomId> all;
  for (auto& part : parts_) {
    auto* shard = part.get();
    auto work = [shard, user, which]() -> Result<std::vector<RoomId>> {
      auto ask = [user, which](sql::Connection& db) { return read_rooms_of(db, user, which); };
      return shard->in_transaction(ask);
    };
    RESPRING_CO_TRY(const auto rooms, co_await shard->readers.run(std::move(work)));
    all.insert(all.end(), rooms.begin(), rooms.end());
  }
  co_return all;
}

// A room that went from a shard not yet asked to one already asked would be missed: then everybody
// is asked again.
Task<Result<std::vector<RoomId>>> RoomLog::rooms_of(UserId user, chat::Memberships which) {
  constexpr int kTries = 5;
  for (int attempt = 1; true; ++attempt) {
    const auto before = co_await stored_version();
    auto rooms = co_await rooms_once(user, which);
    if (!rooms || before < 0 || attempt >= kTries) co_return rooms;
    const auto after = co_await stored_version();
    if (after == before) co_return rooms;
  }
}

// Of the map as it is stored now; negative when it never changes or cannot be asked.
Task<std::int64_t> RoomLog::stored_version() {
  if (!options_.newer_map || parts_.empty()) co_return -1;
  auto ask = [this]() -> Result<std::int64_t> {
    const auto known = router_->map()->version;
    RESPRING_TRY(const auto newer, options_.newer_map(known));
    return newer ? newer->version : known;
  };
  const auto version = co_await parts_.front()->readers.run(std::move(ask));
  co_return version ? version.assume_value() : -1;
}

}  // namespace respring::store
