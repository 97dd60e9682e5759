#include "bench/store_load.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <semaphore>
#include <vector>

#include "store/room_log.h"

namespace respring::bench {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

struct NoBus final : chat::EventBus {
  Result<void> publish(std::string_view, const std::vector<chat::BusRecord>&) override {
    return success();
  }
  Result<std::unique_ptr<chat::BusConsumer>> subscribe(std::string, std::string) override {
    return internal("not here");
  }
  Result<std::int64_t> lag(std::string_view, std::string_view) override { return 0; }
};

}  // namespace

double store_rate(const sql::Connect& connect, double seconds, int in_flight) {
  SystemClock clock;
  NoBus bus;
  store::RoomLog::Options options;
  options.shards = {{"shard-0", connect}};
  options.map = shardmap::even_map({"shard-0"});
  options.clock = &clock;
  options.bus = &bus;
  auto log = store::RoomLog::open(std::move(options)).value();
  std::counting_semaphore<> free(in_flight);
  std::atomic<std::int64_t> done{0}, failed{0};
  const auto finished = [&](Result<chat::Written> answer) {
    ++(answer ? done : failed);
    free.release();
  };
  const auto submit = [&](RoomId room, UserId user, chat::Command command) {
    free.acquire();
    log->submit({room, user, std::move(command), Steady::now() + std::chrono::seconds(10)},
                finished);
  };
  std::vector<RoomId> rooms;
  for (int i = 0; i < kRooms; ++i) {
    rooms.push_back(new_id<RoomId>());
    submit(rooms.back(), UserId{7},
           chat::Create{chat::RoomKind::group, "t", {{UserId{7}, chat::Role::owner}}});
  }
  done = 0;
  const auto start = Steady::now();
  for (std::size_t i = 0; seconds_since(start) < seconds; ++i)
    submit(rooms[i % kRooms], UserId{7}, chat::Send{new_uuid(), kText, {}, "[]", {}});
  const double rate = static_cast<double>(done) / seconds_since(start);
  const auto stats = log->stats().front().writer;
  log->stop();
  std::printf("  store: %.0f sends/s, %.1f per transaction, %ld failed\n", rate,
              static_cast<double>(stats.writes) / static_cast<double>(stats.batches),
              failed.load());
  return rate;
}

}  // namespace respring::bench
