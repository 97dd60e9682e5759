// How many durable sends a shard takes, beside a bare loop that inserts the same rows in
// transactions of 16 on the same disk. Usage: store_bench [folder] [seconds] [in flight].
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <semaphore>
#include <string>
#include <vector>

#include "chat/codec.h"
#include "shardmap/slot.h"
#include "sqlite/connection.h"
#include "store/room_log.h"

namespace respring {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kRooms = 64;
const std::string kText = "오늘 저녁 일곱 시에 늘 보던 곳에서 만나요. 비가 오면 다시 이야기합시다.";

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// The reference: one connection, one prepared statement, 16 rows per transaction, WAL and FULL.
double bare_rate(const std::string& path, double seconds) {
  auto connection = sqlite::open({.path = path}).value();
  (void)connection->execute(
      "CREATE TABLE message (slot INTEGER, room_id INTEGER, seq INTEGER, ordinal INTEGER, "
      "sender_id INTEGER, cid BLOB, content_hash BLOB, text TEXT, created_at INTEGER, version "
      "INTEGER, PRIMARY KEY (slot, room_id, seq)) WITHOUT ROWID");
  (void)connection->execute(
      "CREATE UNIQUE INDEX message_cid ON message (slot, room_id, sender_id, cid)");
  std::array<std::int64_t, kRooms> seqs{};
  std::int64_t rows = 0;
  const auto start = Steady::now();
  while (seconds_since(start) < seconds) {
    auto transaction = sql::Transaction::begin(*connection, sql::Begin::write).value();
    for (int i = 0; i < 16; ++i) {
      const auto room = static_cast<std::size_t>(rows++ % kRooms);
      const auto cid = new_uuid();
      const auto seq = ++seqs[room];
      (void)connection->run("INSERT INTO message VALUES (?,?,?,?,?,?,?,?,?,1)", room, room + 1, seq,
                            seq, room + 7, cid, cid, kText, rows);
    }
    (void)transaction.commit();
  }
  return static_cast<double>(rows) / seconds_since(start);
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

double store_rate(const std::string& path, double seconds, int in_flight) {
  SystemClock clock;
  NoBus bus;
  store::RoomLog::Options options;
  options.shards = {{"shard-0", sqlite::connector({.path = path})}};
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

}  // namespace
}  // namespace respring

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "store-bench";
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  const int in_flight = argc > 3 ? std::atoi(argv[3]) : 512;
  for (int round = 0; round < 3; ++round) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const double bare = respring::bare_rate((folder / "bare.db").string(), seconds);
    std::printf("  bare:  %.0f rows/s in transactions of 16\n", bare);
    const double ours = respring::store_rate((folder / "shard.db").string(), seconds, in_flight);
    std::printf("ratio %.2f\n", ours / bare);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
