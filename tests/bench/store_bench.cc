// How many durable sends a shard takes, beside a bare loop that inserts the same rows in
// transactions of 16 on the same disk. Usage: store_bench [folder] [seconds] [in flight].
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/store_load.h"
#include "sqlite/connection.h"

namespace respring::bench {
namespace {

using Steady = std::chrono::steady_clock;

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

}  // namespace
}  // namespace respring::bench

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "store-bench";
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  const int in_flight = argc > 3 ? std::atoi(argv[3]) : 512;
  for (int round = 0; round < 3; ++round) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const double bare = respring::bench::bare_rate((folder / "bare.db").string(), seconds);
    std::printf("  bare:  %.0f rows/s in transactions of 16\n", bare);
    const double ours = respring::bench::store_rate(
        respring::sqlite::connector({.path = (folder / "shard.db").string()}), seconds, in_flight);
    std::printf("ratio %.2f\n", ours / bare);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
