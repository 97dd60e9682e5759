#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "chat/ports/event_bus.h"
#include "sql/pool.h"
#include "store/relay_lease.h"

namespace respring::store {

/// Hands a shard's committed events to the bus, from a thread of its own: reads the outbox in the
/// order of its ids, without remembering a position (a late commit with a smaller id would be
/// passed over), publishes, and deletes the rows after the bus has them. At least once; the events
/// of a room stay in order. Of the nodes that share the shard one relays, by a lease; the others
/// stand by. What one that was frozen publishes when it wakes up comes twice.
class OutboxRelay {
 public:
  struct Options {
    std::string name;      ///< of the shard
    sql::Connect connect;  ///< to its migrated database
    chat::EventBus* bus = nullptr;
    const Clock* clock = nullptr;
    std::string node{};  ///< who this is, for operators
    std::chrono::milliseconds lease{4000};
  };
  struct Stats {
    std::int64_t events = 0;         ///< published
    std::int64_t failures = 0;       ///< of the bus or the database; each is tried again
    std::int64_t waiting_rows = 0;   ///< found at the last look, at most kMostRows
    std::int64_t oldest_age_ms = 0;  ///< of them
    bool relaying = false;           ///< this node holds the lease
    std::int64_t takeovers = 0;      ///< how often it came to hold it
  };
  static constexpr std::size_t kMostRows = 1024;       ///< published together, …
  static constexpr std::int64_t kMostBytes = 4 << 20;  ///< … unless that is more

  explicit OutboxRelay(Options options);
  ~OutboxRelay();
  OutboxRelay(const OutboxRelay&) = delete;
  OutboxRelay& operator=(const OutboxRelay&) = delete;

  /// Begins with what an earlier process left behind.
  void start();
  /// There is something new. Cheap; safe from any thread.
  void wake();
  /// Ends after the step under way; what is left stays for the next start. Idempotent.
  void stop();
  Stats stats() const;

 private:
  enum class Next : std::uint8_t { more, gather, wait, stand_by, after_failure };
  struct Load;

  void loop();
  Next step();
  Result<Next> relay_some();
  Result<bool> connect_and_hold();
  /// The first rows of the outbox.
  Result<Load> read_load();
  Result<void> delete_rows(const Load& load);
  Result<void> delete_runs(const Load& load);
  bool wait_for(Next why);

  Options options_;
  std::unique_ptr<sql::Connection> connection_;
  std::optional<RelayLease> lease_;  // once connected
  std::mutex mutex_;
  std::condition_variable changed_;
  bool work_ = true;
  bool stopping_ = false;
  std::thread thread_;
  std::atomic<std::int64_t> events_{0}, failures_{0}, waiting_rows_{0}, oldest_age_ms_{0};
  std::atomic<std::int64_t> takeovers_{0};
  std::atomic<bool> relaying_{false};
};

/// Reads an outbox row's lines back into bus records; `internal` when it is damaged.
Result<std::vector<chat::BusRecord>> records_of(std::string_view events);

}  // namespace respring::store
