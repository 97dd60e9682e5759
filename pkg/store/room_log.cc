#include "store/room_log.h"

#include <algorithm>

#include "store/migrations.h"
#include "store/room_log_part.h"
#include "store/room_reads.h"

namespace respring::store {

RoomLog::RoomLog(Options options) : options_(std::move(options)) {}

RoomLog::~RoomLog() { stop(); }

sql::Result<std::unique_ptr<RoomLog>> RoomLog::open(Options options) {
  std::unique_ptr<RoomLog> log(new RoomLog(std::move(options)));
  WriteRouter::Options routing{log->options_.map, log->options_.newer_map, log->options_.settle};
  routing.poll = log->options_.map_poll;
  routing.wait_limit = log->options_.write_queue;
  log->router_ = std::make_unique<WriteRouter>(std::move(routing));
  log->archive_ = std::make_unique<ArchiveAccess>(ArchiveAccess::Options{
      log->options_.blobs, log->options_.clock, log->options_.longest_bring});
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
  parts_.push_back(std::make_unique<Part>(options_, shard, writers, *router_, *archive_));
  return success();
}

void RoomLog::stop() {
  if (archive_) archive_->stop();
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
  const RoomKey key{{}, write.room};  // the router knows its slot
  router_->submit({std::move(write), key, 0, std::move(done)});
}

std::int64_t RoomLog::lane_of(RoomId room) const {
  return std::max(0, Place::of(*router_->map(), room).shard);
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

template <class Read, class R>
Task<R> RoomLog::read_as(RoomId room, Read read) {
  for (int attempt = 1; true; ++attempt) {
    const auto place = Place::of(*router_->map(), room);
    R result = slot_moving();
    if (place.shard >= 0) {
      auto fenced = [read, place](sql::Connection& db) mutable -> R {
        RESPRING_TRY(const bool here, may_read_slot(db, place.key.slot, place.epoch));
        if (!here) return slot_moving();
        return read(db, place.key);
      };
      auto& part = *parts_[static_cast<std::size_t>(place.shard)];
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

// What a read needs of the archive is brought between two tries, while no shard waits.
template <class Ask>
auto RoomLog::with_archive(Ask ask) -> std::invoke_result_t<Ask&, Hand> {
  const auto hand = std::make_shared<SegmentsAtHand>();
  while (true) {
    auto result = co_await ask(hand);
    if (result || hand->is_complete()) co_return result;
    RESPRING_CO_TRYV(co_await archive_->bring(hand));
  }
}

Task<Result<chat::History>> RoomLog::history(UserId reader, RoomId room, chat::HistoryQuery query) {
  return with_archive([=, this](Hand hand) {
    return read(room, [=](sql::Connection& db, const RoomKey& key) {
      return read_history(db, key, reader, query, *hand);
    });
  });
}

Task<Result<chat::Message>> RoomLog::message(UserId reader, RoomId room, Seq seq) {
  return with_archive([=, this](Hand hand) {
    return read(room, [=](sql::Connection& db, const RoomKey& key) {
      return read_one(db, key, reader, seq, *hand);
    });
  });
}

Task<Result<chat::LogPage>> RoomLog::read_log_of(std::optional<UserId> reader, RoomId room,
                                                 Seq after, int limit) {
  return with_archive([=, this](Hand hand) {
    return read(room, [=](sql::Connection& db, const RoomKey& key) {
      return read_log(db, key, reader, after, limit, *hand);
    });
  });
}

Task<Result<chat::LogPage>> RoomLog::log(UserId reader, RoomId room, Seq after, int limit) {
  return read_log_of(reader, room, after, limit);
}

Task<Result<chat::LogPage>> RoomLog::log_for_node(RoomId room, Seq after, int limit) {
  return read_log_of(std::nullopt, room, after, limit);
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

Task<Result<std::vector<chat::Message>>> RoomLog::messages_by(UserId sender, RoomId room, Seq after,
                                                              int limit) {
  return with_archive([=, this](Hand hand) {
    return read(room, [=](sql::Connection& db, const RoomKey& key) {
      return read_messages_by(db, key, sender, after, limit, *hand);
    });
  });
}

Task<Result<std::vector<RoomId>>> RoomLog::rooms_once(UserId user, chat::Memberships which) {
  std::vector<RoomId> all;
  const auto map = router_->map();
  for (auto& part : parts_) {
    auto* shard = part.get();
    auto work = [shard, user, which]() -> Result<std::vector<Membership>> {
      auto ask = [user, which](sql::Connection& db) { return read_rooms_of(db, user, which); };
      return shard->in_transaction(ask);
    };
    RESPRING_CO_TRY(const auto memberships, co_await shard->readers.run(std::move(work)));
    for (const auto& [key, epoch] : memberships) {
      if (epoch > map->owner_of(key.slot).epoch) co_return slot_moving();
      // One that was isolated may have left its old rows there.
      if (map->slot_of(key.room) == key.slot) all.push_back(key.room);
    }
  }
  co_return all;
}

// A room that went from a shard not yet asked to one already asked would be missed: then everybody
// is asked again. So is everybody when a shard knows of a change that the map does not.
Task<Result<std::vector<RoomId>>> RoomLog::rooms_of(UserId user, chat::Memberships which) {
  constexpr int kTries = 5;
  for (int attempt = 1; true; ++attempt) {
    const auto before = co_await stored_version();
    auto rooms = co_await rooms_once(user, which);
    if (!rooms && rooms.assume_error().code == ErrorCode::slot_moving) {
      const bool again = co_await may_try_again(attempt);
      if (again) continue;
    }
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
