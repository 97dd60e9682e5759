#include "store/outbox_relay.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/many_rows.h"

namespace respring::store {
namespace {

constexpr auto kAfterFailure = std::chrono::milliseconds(200);

}  // namespace

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
    record.value = std::string(line.substr(space + 1));
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
  return {events_, failures_, waiting_rows_, oldest_age_ms_};
}

// False when it is time to end.
bool OutboxRelay::wait_for_work(bool failed) {
  std::unique_lock lock(mutex_);
  if (failed) {
    changed_.wait_for(lock, kAfterFailure, [this] { return stopping_; });
  } else {
    changed_.wait(lock, [this] { return stopping_ || work_; });
  }
  work_ = false;
  return !stopping_;
}

void OutboxRelay::loop() {
  bool failed = false;
  while (wait_for_work(failed)) {
    failed = false;
    // Everything there is: whatever commits after the last look wakes this again.
    while (true) {
      const auto rows = step();
      failed = !rows;
      if (failed) ++failures_;
      if (failed || rows.assume_value() == 0) break;
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
  }
}

Result<std::size_t> OutboxRelay::step() {
  if (!connection_ || !connection_->usable()) {
    RESPRING_TRY(connection_, options_.connect());
  }
  std::vector<std::int64_t> ids;
  std::vector<chat::BusRecord> records;
  {
    RESPRING_TRY(auto rows, connection_->query("SELECT id, events, created_at FROM outbox ORDER BY "
                                               "id LIMIT ?",
                                               options_.rows_at_once));
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      if (ids.empty()) oldest_age_ms_ = to_ms(options_.clock->now()) - rows.int64(2);
      ids.push_back(rows.int64(0));
      RESPRING_TRY(auto some, records_of(rows.view(1)));
      std::ranges::move(some, std::back_inserter(records));
    }
  }
  waiting_rows_ = static_cast<std::int64_t>(ids.size());
  if (ids.empty()) {
    oldest_age_ms_ = 0;
    return 0U;
  }
  RESPRING_TRYV(options_.bus->publish(chat::kRoomEventsTopic, records));
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*connection_, sql::Begin::write));
  const auto bind = [](sql::Statement& statement, int index, std::int64_t id) {
    return sql::bind_values(statement, index, id);
  };
  const auto no_rows = [](const sql::Rows&) {};
  RESPRING_TRYV(
      for_each_of(*connection_, "DELETE FROM outbox WHERE ", "id=?", "", ids, bind, no_rows));
  RESPRING_TRYV(transaction.commit());
  events_ += static_cast<std::int64_t>(records.size());
  return ids.size();
}

}  // namespace respring::store
