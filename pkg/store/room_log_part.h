#pragma once

#include <functional>
#include <string>
#include <utility>

#include "async/pool.h"
#include "store/pool_refusals.h"
#include "store/reach.h"
#include "store/room_log.h"
#include "telemetry/metrics.h"

/// Of room_log.cc and room_log_many.cc alone: a shard's threads and connections, and how they are
/// asked.
namespace respring::store {

inline std::function<void(std::chrono::steady_clock::duration)> time_reads(
    const std::string& shard) {
  return [seconds = metrics::histogram("respring_shard_read_seconds", {{"shard", shard}})](
             std::chrono::steady_clock::duration took) {
    seconds.observe(std::chrono::duration<double>(took).count());
  };
}

/// By which map somebody looks for a room there: a shard whose slot has gone on since refuses.
struct RoomLog::Place {
  RoomKey key;
  std::int32_t shard = 0;
  shardmap::Epoch epoch = 0;

  static Place of(const shardmap::ShardMap& map, RoomId room) {
    const RoomKey key{map.slot_of(room), room};
    const auto& owner = map.owner_of(key.slot);
    return {key, owner.shard, owner.epoch};
  }
};

struct RoomLog::Part {
  Part(const Options& options, const Shard& shard, std::size_t writers, WriteRouter& router,
       ArchiveAccess& archive)
      : connections(shard.connect, options.read_threads),
        readers({.name = "r-" + shard.name,
                 .threads = options.read_threads,
                 .queue_limit = options.read_queue,
                 .on_refused = count_refusals(shard.name + "-reads"),
                 .on_ran = time_reads(shard.name)}),
        relay({shard.name, shard.connect, options.bus, options.clock, options.node}),
        writer(writing(options, shard, writers, router, archive)) {}

  ShardWriter::Options writing(const Options& options, const Shard& shard, std::size_t writers,
                               WriteRouter& router, ArchiveAccess& archive) {
    ShardWriter::Options writing{.name = shard.name, .connect = shard.connect};
    writing.clock = options.clock;
    writing.connections = writers;
    writing.batch_limit = options.batch_limit;
    writing.queue_limit = options.write_queue;
    writing.on_events_committed = [this] { relay.wake(); };
    writing.max_freeze = options.max_freeze;
    writing.on_archived = [this, &router, &archive](WriteJob job) {
      bring_back(std::move(job), router, archive);
    };
    if (!router.follows_changes()) return writing;
    writing.on_elsewhere = [&router](WriteJob job) { router.turned_back(std::move(job)); };
    writing.on_stuck = [&router](shardmap::Slot slot) { router.stuck(slot); };
    return writing;
  }

  /// What the job is about is brought, and it goes on with that; what lay in the archive is garbage
  /// afterwards.
  void bring_back(WriteJob job, WriteRouter& router, ArchiveAccess& archive) {
    job.done = [this, &archive, done = std::move(job.done)](Result<chat::Written> written) {
      archive.sweep(connections);
      done(std::move(written));
    };
    archive.bring(std::move(job),
                  [&router](WriteJob brought) { router.submit(std::move(brought)); });
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

}  // namespace respring::store
