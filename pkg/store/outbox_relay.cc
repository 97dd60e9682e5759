#include "store/outbox_relay.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/many_rows.h"
#include "telemetry/spans.h"

namespace respring::store {
namespace {

constexpr std::string_view kSchema = "1";  ///< of an event's JSON
constexpr std::size_t kTraceBytes = 55;    ///< of a traceparent as we write them
constexpr auto kAfterFailure = std::chrono::milliseconds(200);
// A look, an answer of the bus and a commit cost the same for one row as for dozens. Nobody waits
// for them as for an ack: search and notifications follow by this much later.
constexpr auto kGather = std::chrono::milliseconds(20);
constexpr std::size_t kBacklog = 64;  ///< rows at once that say that more wait
constexpr auto kBetweenLooks = std::chrono::milliseconds(200);  // for what other nodes committed

}  // namespace

struct OutboxRelay::Load {
  std::vector<std::int64_t> ids;
  std::vector<chat::BusRecord> records;
  bool cut_short = false;  // by its bytes
};

Result<std::vector<chat::BusRecord>> records_of(std::string_view events) {
  std::vector<chat::BusRecord> records;
  while (!events.empty()) {
    const auto end = events.find('\n');
    const auto line = events.substr(0, end);
    const auto space = line.find(' ');
    if (end == std::string_view::npos || space == std::string_view::npos)
      return internal("an outbox row is damaged");
    chat::BusRecord record;
    record.key = std::string(line.substr(0, space));
    auto event = line.substr(space + 1);
    record.headers.emplace_back("schema", kSchema);
    // Between the key and the event, an object, there may be a traceparent.
    if (event.starts_with("00-") && event.size() > kTraceBytes && event[kTraceBytes] == ' ') {
      record.headers.emplace_back(chat::kTraceHeader, event.substr(0, kTraceBytes));
      event.remove_prefix(kTraceBytes + 1);
    }
    record.value = std::string(event);
    records.push_back(std::move(record));
    events.remove_prefix(end + 1);
  }
  return records;
}

OutboxRelay::OutboxRelay(Options options) : options_(std::move(options)) {}

OutboxRelay::~OutboxRelay() { stop(); }

void OutboxRelay::start() {
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), ("relay-" + options_.name).substr(0, 15).c_str());
}

void OutboxRelay::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(work_, true)) return;
  }
  changed_.notify_one();
}

void OutboxRelay::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

OutboxRelay::Stats OutboxRelay::stats() const {
  return {events_, failures_, waiting_rows_, oldest_age_ms_, relaying_, takeovers_};
}

// False when it is time to end.
bool OutboxRelay::wait_for(Next why) {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return stopping_; };
  const auto needed = [this] { return stopping_ || work_; };
  if (why == Next::after_failure) {
    changed_.wait_for(lock, kAfterFailure, over);
  } else if (why == Next::gather) {
    changed_.wait_for(lock, kGather, over);
  } else if (why == Next::stand_by) {
    changed_.wait_for(lock, lease_->pulse(), over);
  } else if (why == Next::wait && connection_->dialect().shared()) {
    changed_.wait_for(lock, kBetweenLooks, needed);
  } else if (why == Next::wait) {
    changed_.wait(lock, needed);
  }
  work_ = false;
  return !stopping_;
}

void OutboxRelay::loop() {
  Next next = Next::more;
  while (wait_for(next)) next = step();
  if (lease_ && connection_ && connection_->usable()) lease_->release(*connection_);
  relaying_ = false;
}

OutboxRelay::Next OutboxRelay::step() {
  const auto next = relay_some();
  if (next && next.assume_value() != Next::stand_by) return next.assume_value();
  waiting_rows_ = 0;  // another node's concern, or unknown
  oldest_age_ms_ = 0;
  if (next) return Next::stand_by;
  ++failures_;
  return Next::after_failure;
}

Result<bool> OutboxRelay::connect_and_hold() {
  if (!connection_ || !connection_->usable()) {
    RESPRING_TRY(connection_, options_.connect());
  }
  if (!lease_) {
    RelayLease::Options lease{.holder = options_.node, .life = options_.lease};
    lease.alone = !connection_->dialect().shared();
    lease_.emplace(std::move(lease));
  }
  const auto fence = lease_->fence();
  RESPRING_TRY(const bool held, lease_->hold(*connection_));
  relaying_ = held;
  if (lease_->fence() != fence) ++takeovers_;
  return held;
}

Result<OutboxRelay::Next> OutboxRelay::relay_some() {
  RESPRING_TRY(const bool held, connect_and_hold());
  if (!held) return Next::stand_by;
  RESPRING_TRY(const Load load, read_load());
  if (load.ids.empty()) return Next::wait;
  // The read may have taken long, and others may have taken over.
  RESPRING_TRY(const bool still_held, lease_->hold(*connection_));
  if (!still_held) return Next::stand_by;
  const auto begun = spans::Clock::now();
  RESPRING_TRYV(options_.bus->publish(chat::kRoomEventsTopic, load.records));
  for (const chat::BusRecord& record : load.records)
    spans::record(chat::trace_of(record), "publish", spans::Kind::producer, begun);
  RESPRING_TRYV(delete_rows(load));
  events_ += static_cast<std::int64_t>(load.records.size());
  return load.cut_short || load.ids.size() >= kBacklog ? Next::more : Next::gather;
}

Result<OutboxRelay::Load> OutboxRelay::read_load() {
  Load load;
  std::int64_t first = 0;
  std::int64_t last = 0;
  {
    RESPRING_TRY(auto rows, connection_->query("SELECT id, created_at, LENGTH(events) FROM outbox "
                                               "ORDER BY id LIMIT ?",
                                               kMostRows));
    std::int64_t count = 0;
    std::int64_t oldest = to_ms(options_.clock->now());
    for (std::int64_t bytes = 0; true; ++count) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      if (count == 0) first = last = rows.int64(0);
      if (count == 0) oldest = rows.int64(1);
      bytes += rows.int64(2);
      if (bytes <= kMostBytes) last = rows.int64(0);
      load.cut_short = bytes > kMostBytes;
    }
    waiting_rows_ = count;
    oldest_age_ms_ = to_ms(options_.clock->now()) - oldest;
    if (count == 0) return load;
  }
  RESPRING_TRY(auto rows, connection_->query("SELECT id, events FROM outbox WHERE id BETWEEN ? AND "
                                             "? ORDER BY id",
                                             first, last));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return load;
    load.ids.push_back(rows.int64(0));
    RESPRING_TRY(auto some, records_of(rows.view(1)));
    std::ranges::move(some, std::back_inserter(load.records));
  }
}

// Rows that are published may go, whoever holds the lease by now. Each statement for itself where
// others write too: a process that is frozen between statements must not hold locks that its
// successor needs.
Result<void> OutboxRelay::delete_rows(const Load& load) {
  if (connection_->dialect().shared()) return delete_runs(load);
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*connection_, sql::Begin::write));
  RESPRING_TRYV(delete_runs(load));
  RESPRING_TRYV(transaction.commit());
  return success();
}

// Ids mostly follow each other, and what lies between two of those that do is nothing else. Where
// they do not (a cluster that counts in steps), they are named.
Result<void> OutboxRelay::delete_runs(const Load& load) {
  std::vector<std::pair<std::int64_t, std::int64_t>> runs;
  for (const auto id : load.ids) {
    if (!runs.empty() && runs.back().second + 1 == id) {
      runs.back().second = id;
    } else {
      runs.emplace_back(id, id);
    }
  }
  const auto bind = [](sql::Statement& statement, int index, const auto& run) {
    return sql::bind_values(statement, index, run.first, run.second);
  };
  const auto no_rows = [](const sql::Rows&) {};
  RESPRING_TRYV(for_each_of(*connection_, "DELETE FROM outbox WHERE ", "id BETWEEN ? AND ?", "",
                            runs, bind, no_rows));
  return success();
}

}  // namespace respring::store
