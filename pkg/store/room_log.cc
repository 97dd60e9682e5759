#include "store/room_log.h"

#include <map>
#include <tuple>

#include "async/pool.h"
#include "store/migrations.h"
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
  Part(const Options& options, const Shard& shard, std::size_t writers)
      : connections(shard.connect, options.read_threads),
        readers({.name = "r-" + shard.name,
                 .threads = options.read_threads,
                 .queue_limit = options.read_queue,
                 .on_refused = count_refusals(shard.name + "-reads")}),
        relay({shard.name, shard.connect, options.bus, options.clock, options.node}),
        writer({shard.name, shard.connect, options.clock, writers, options.batch_limit,
                options.write_queue, [this] { relay.wake(); }}) {}

  /// Runs `work(connection)` inside one read transaction. Blocks.
  template <class Work>
  auto in_transaction(Work& work) -> decltype(work(std::declval<sql::Connection&>())) {
    RESPRING_TRY(const auto connection, connections.acquire());
    RESPRING_TRY(const auto transaction, sql::Transaction::begin(*connection, sql::Begin::read));
    return work(*connection);
  }

  sql::Pool connections;
  async::BlockingPool readers;
  OutboxRelay relay;
  ShardWriter writer;
};

RoomLog::RoomLog(Options options) : options_(std::move(options)) {}

RoomLog::~RoomLog() { stop(); }

sql::Result<std::unique_ptr<RoomLog>> RoomLog::open(Options options) {
  std::unique_ptr<RoomLog> log(new RoomLog(std::move(options)));
  for (std::size_t i = 0; i < log->options_.shards.size(); ++i) {
    RESPRING_TRYV(log->open_shard(i));
  }
  for (auto& part : log->parts_) {
    if (log->options_.bus != nullptr) part->relay.start();
    part->writer.start();
  }
  return log;
}

sql::Result<void> RoomLog::open_shard(std::size_t index) {
  const auto& shard = options_.shards[index];
  RESPRING_TRY(const auto connection, shard.connect());
  RESPRING_TRYV(migrate(*connection, built_in_migrations("message")));
  RESPRING_TRYV(seed_slots(*connection, options_.map, static_cast<std::int32_t>(index)));
  const auto writers = connection->dialect().writers();
  parts_.push_back(std::make_unique<Part>(options_, shard, writers));
  return success();
}

void RoomLog::stop() {
  for (auto& part : parts_) part->writer.stop();
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

RoomLog::Part& RoomLog::part_of(shardmap::Slot slot) {
  return *parts_[static_cast<std::size_t>(options_.map.owner_of(slot).shard)];
}

void RoomLog::submit(chat::Write write, Done done) {
  const auto key = key_of(write.room);
  const auto epoch = options_.map.owner_of(key.slot).epoch;
  part_of(key.slot).writer.submit({std::move(write), key, epoch, std::move(done)});
}

// One room: `read(connection, key)` answers a Result.
template <class Read>
auto RoomLog::read(RoomId room, Read read) {
  const auto key = key_of(room);
  auto& part = part_of(key.slot);
  using R = std::invoke_result_t<Read&, sql::Connection&, const RoomKey&>;
  auto fenced = [read = std::move(read), key](sql::Connection& db) mutable -> R {
    RESPRING_TRY(const bool here, may_read_slot(db, key.slot));
    if (!here) return slot_moving();
    return read(db, key);
  };
  auto work = [&part, fenced = std::move(fenced)]() mutable -> R {
    return part.in_transaction(fenced);
  };
  return part.readers.run(std::move(work));
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
template <class Item, class Read>
auto RoomLog::read_each(std::vector<Item> items, Read read) {
  using Value = typename std::invoke_result_t<Read&, sql::Connection&, const RoomKey&,
                                              const Item&>::value_type;
  using ShardItems = std::vector<std::tuple<std::size_t, RoomKey, Item>>;
  using Values = Result<std::vector<std::pair<std::size_t, Value>>>;
  std::vector<ShardItems> by_shard(parts_.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto key = key_of(room_in(items[i]));
    const auto shard = static_cast<std::size_t>(options_.map.owner_of(key.slot).shard);
    by_shard[shard].emplace_back(i, key, items[i]);
  }
  std::vector<Task<Values>> tasks;
  for (std::size_t i = 0; i < by_shard.size(); ++i) {
    if (by_shard[i].empty()) continue;
    auto work = [part = parts_[i].get(), some = std::move(by_shard[i]), read]() mutable -> Values {
      auto all = [&](sql::Connection& db) { return read_items<Value>(db, some, read); };
      return part->in_transaction(all);
    };
    tasks.push_back(parts_[i]->readers.run(std::move(work)));
  }
  return in_order<Value>(std::move(tasks));
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
  return read_each(std::move(cursors),
                   [=](sql::Connection& db, const RoomKey& key, const chat::Cursor& cursor) {
                     return read_sync(db, key, reader, cursor, max_events);
                   });
}

Task<Result<std::vector<chat::RoomView>>> RoomLog::rooms(UserId reader, std::vector<RoomId> rooms,
                                                         bool with_last_message) {
  return read_each(std::move(rooms), [=](sql::Connection& db, const RoomKey& key, RoomId) {
    return read_view(db, key, reader, with_last_message);
  });
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
  return read_each(std::move(rooms),
                   [](sql::Connection& db, const RoomKey& key, RoomId room) -> Result<Entry> {
                     RESPRING_TRY(const auto head, read_head(db, key));
                     return Entry(room, head);
                   });
}

Task<Result<std::vector<chat::Message>>> RoomLog::messages_by(UserId sender, RoomId room, Seq after,
                                                              int limit) {
  return read(room, [=](sql::Connection& db, const RoomKey& key) {
    return read_messages_by(db, key, sender, after, limit);
  });
}

Task<Result<std::vector<RoomId>>> RoomLog::rooms_of(UserId user, chat::Memberships which) {
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

}  // namespace respring::store
