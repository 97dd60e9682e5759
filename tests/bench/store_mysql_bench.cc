// How many durable sends a shard on MySQL takes, beside hand-written transactions of the same rows:
// two connections, 16 messages each, multi-row statements, nothing read. Both on the same server,
// in turn. Usage: store_mysql_bench mysql://user:password@host:port/ [seconds] [in flight]
// [rounds]. Makes and drops the databases respring_bench_bare and respring_bench_store.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "bench/store_load.h"
#include "mysql/connection.h"
#include "store/many_rows.h"
#include "store/migrations.h"

namespace respring::bench {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kWriters = 2;
constexpr std::size_t kTogether = 16;
constexpr std::size_t kRoomsEach = kRooms / kWriters;

template <class T>
T must(sql::Result<T> result) {
  if (!result) throw std::runtime_error(result.assume_error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(result).assume_value();
}

struct Row {
  std::int64_t room = 0;
  std::int64_t seq = 0;
  Uuid cid;
};

const auto kBindMessage = [](sql::Statement& statement, int index, const Row& row) {
  return sql::bind_values(statement, index, row.room % 4096, row.room, row.seq, row.seq, 7, row.cid,
                          row.cid, kText, 1'700'000'000'000 + row.seq);
};
const auto kBindRoom = [](sql::Statement& statement, int index, const Row& row) {
  return sql::bind_values(statement, index, row.room % 4096, row.room, row.seq, row.seq, "t", 1, 0,
                          1'700'000'000'000 + row.seq);
};
const auto kBindCursor = [](sql::Statement& statement, int index, const Row& row) {
  return sql::bind_values(statement, index, row.room % 4096, row.room, 7, row.seq, row.seq);
};

sql::Result<void> write_rows(sql::Connection& db, const std::vector<Row>& rows) {
  const auto& dialect = db.dialect();
  RESPRING_TRY(auto transaction, sql::Transaction::begin(db, sql::Begin::write));
  RESPRING_TRYV(store::insert_rows(db,
                                   "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, "
                                   "cid, content_hash, text, created_at, version) VALUES ",
                                   "(?,?,?,?,?,?,?,?,?,1)", "", rows, kBindMessage));
  const auto room_tail =
      dialect.on_conflict_update({"slot", "room_id"}, {"last_seq", "last_ordinal", "last_at"});
  RESPRING_TRYV(store::insert_rows(db,
                                   "INSERT INTO room (slot, room_id, epoch, last_seq, "
                                   "last_ordinal, kind, title, member_count, block_count, last_at, "
                                   "created_at) VALUES ",
                                   "(?,?,1,?,?,1,?,?,?,?,0)", room_tail, rows, kBindRoom));
  const auto cursor_tail =
      dialect.on_conflict_update({"slot", "room_id", "user_id"}, {"seq", "ordinal"});
  RESPRING_TRYV(store::insert_rows(db,
                                   "INSERT INTO read_cursor (slot, room_id, user_id, seq, "
                                   "ordinal) VALUES ",
                                   "(?,?,?,?,?)", cursor_tail, rows, kBindCursor));
  const std::string events(rows.size() * 330, 'x');  // as long as the events of such messages
  RESPRING_TRYV(db.run("INSERT INTO outbox (events, created_at) VALUES (?,?)", sql::Blob{events},
                       rows.front().seq));
  return transaction.commit();
}

void write_for(const sql::Connect& connect, std::size_t writer, Steady::time_point end,
               std::int64_t& written) {
  auto db = must(connect());
  std::array<std::int64_t, kRoomsEach> seqs{};
  for (std::size_t next = 0; Steady::now() < end;) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < kTogether; ++i) {
      const auto room = next++ % kRoomsEach;
      const auto id = static_cast<std::int64_t>(writer * kRoomsEach + room + 1);
      rows.push_back({id, ++seqs[room], new_uuid()});
    }
    must(write_rows(*db, rows));
    written += static_cast<std::int64_t>(rows.size());
  }
}

double bare_rate(const sql::Connect& connect, double seconds) {
  must(store::migrate(*must(connect()), store::built_in_migrations("message")));
  const auto start = Steady::now();
  const auto end = start + std::chrono::milliseconds(static_cast<int>(seconds * 1000));
  std::array<std::int64_t, kWriters> written{};
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kWriters; ++i)
    writers.emplace_back([&, i] { write_for(connect, i, end, written[i]); });
  for (auto& writer : writers) writer.join();
  const double took = std::chrono::duration<double>(Steady::now() - start).count();
  return static_cast<double>(written[0] + written[1]) / took;
}

/// A database of its own for as long as this lives.
class Scratch {
 public:
  Scratch(mysql::Options server, std::string name) : server_(std::move(server)) {
    server_.database = "information_schema";
    administrator_ = must(mysql::open(server_));
    server_.database = std::move(name);
    must(administrator_->execute("DROP DATABASE IF EXISTS " + server_.database));
    must(administrator_->execute("CREATE DATABASE " + server_.database));
  }
  ~Scratch() { (void)administrator_->execute("DROP DATABASE " + server_.database); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  sql::Connect connect() const { return mysql::connector(server_); }

 private:
  mysql::Options server_;
  std::unique_ptr<sql::Connection> administrator_;
};

void round(const mysql::Options& server, double seconds, int in_flight) {
  double bare = 0;
  {
    const Scratch database(server, "respring_bench_bare");
    bare = bare_rate(database.connect(), seconds);
    std::printf("  bare:  %.0f messages/s in transactions of 16 by 2\n", bare);
  }
  const Scratch database(server, "respring_bench_store");
  const double ours = store_rate(database.connect(), seconds, in_flight);
  std::printf("ratio %.2f\n", ours / bare);
}

}  // namespace
}  // namespace respring::bench

int main(int argc, char** argv) {
  const auto server = respring::mysql::parse_dsn(std::string(argc > 1 ? argv[1] : "") + "none");
  if (!server) {
    std::fprintf(stderr, "%s\n", server.assume_error().detail.c_str());
    return 64;
  }
  const double seconds = argc > 2 ? std::stod(argv[2]) : 3;
  const int in_flight = argc > 3 ? std::stoi(argv[3]) : 512;
  const int rounds = argc > 4 ? std::stoi(argv[4]) : 3;
  for (int i = 0; i < rounds; ++i)
    respring::bench::round(server.assume_value(), seconds, in_flight);
  return 0;
}
