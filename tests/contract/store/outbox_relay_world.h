#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "room_contract.h"
#include "store/migrations.h"
#include "store/outbox_relay.h"

namespace respring::store {

using std::chrono::milliseconds;

/// Notes what comes; can hold a call up, as a frozen process would.
class SlowBus final : public chat::EventBus {
 public:
  Result<void> publish(std::string_view, const std::vector<chat::BusRecord>& records) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    largest_ = std::max(largest_, records.size());
    for (const auto& record : records) seen_[record.key].push_back(record.value);
    changed_.notify_all();
    return success();
  }
  Result<std::unique_ptr<chat::BusConsumer>> subscribe(std::string, std::string) override {
    return internal("not in this test");
  }
  Result<std::int64_t> lag(std::string_view, std::string_view) override { return 0; }

  void open(bool on) {
    const std::lock_guard lock(mutex_);
    open_ = on;
    changed_.notify_all();
  }
  void wait_until_called() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  std::vector<std::string> wait_for(const std::string& key, std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return seen_[key].size() >= count; });
    return seen_[key];
  }
  std::size_t largest() {
    const std::lock_guard lock(mutex_);
    return largest_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
  std::size_t largest_ = 0;
  std::map<std::string, std::vector<std::string>> seen_;
};

/// A shard with nothing but its outbox, and relays on it.
class RelayWorld : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_TRUE(migrate(*db, built_in_migrations("message"))); }

  /// `rows` rows of `events` events each, of one room, numbered on.
  void fill(int rows, int events) {
    auto transaction = sql::Transaction::begin(*db, sql::Begin::write).value();
    for (int row = 0; row < rows; ++row) {
      std::string lines;
      for (int i = 0; i < events; ++i) lines += "r-1 " + std::to_string(++last) + "\n";
      ASSERT_TRUE(db->run("INSERT INTO outbox (events, created_at) VALUES (?,?)", lines, 0));
    }
    ASSERT_TRUE(transaction.commit());
  }
  std::unique_ptr<OutboxRelay> relay(chat::EventBus& to, milliseconds lease = kLease) {
    OutboxRelay::Options options{"shard-0", connect, &to, &clock, "node", lease};
    auto relay = std::make_unique<OutboxRelay>(std::move(options));
    relay->start();
    return relay;
  }
  std::int64_t rows_left() {
    auto rows = db->query("SELECT COUNT(*) FROM outbox").value();
    EXPECT_TRUE(rows.next().value());
    return rows.int64(0);
  }
  void wait_until_empty() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (rows_left() > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(milliseconds(5));
    ASSERT_EQ(rows_left(), 0);
  }
  static void expect_in_order(const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(values[i], std::to_string(i + 1)) << "at " << i;
  }

  static constexpr milliseconds kLease{400};
  ManualClock clock;
  SlowBus bus;
  int last = 0;
  std::unique_ptr<StoreBackend> backend = GetParam().make();
  sql::Connect connect = backend->database("shard-0");
  std::unique_ptr<sql::Connection> db = connect().value();
};

}  // namespace respring::store
