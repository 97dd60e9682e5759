#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "chat/ports/event_bus.h"
#include "sql/pool.h"

namespace respring::local {

inline constexpr int kBusPartitions = 64;

/// The partition of a key, the same for ever.
int bus_partition_of(std::string_view key);

/// chat::EventBus in one database file of this process: 64 partitions per topic, offsets kept per
/// group. A new group begins with the oldest record there is. Records that every known group has
/// committed are deleted in the background, a few at a time; without any group all are kept.
/// Must outlive its consumers.
class EventBus final : public chat::EventBus {
 public:
  struct Options {
    sql::Connect connect;  ///< to a database with the tables of migrations/bus
    std::int64_t delete_at_once = 500;
  };

  static sql::Result<std::unique_ptr<EventBus>> open(Options options);
  ~EventBus() override;
  /// Waiting polls return, later calls are refused. Idempotent.
  void stop();

  Result<void> publish(std::string_view topic,
                       const std::vector<chat::BusRecord>& records) override;
  Result<std::unique_ptr<chat::BusConsumer>> subscribe(std::string group,
                                                       std::string topic) override;
  Result<std::int64_t> lag(std::string_view group, std::string_view topic) override;
  /// Records of a topic that are still stored.
  Result<std::int64_t> stored(std::string_view topic);

 private:
  class Consumer;
  using Offsets = std::array<std::int64_t, kBusPartitions>;
  struct Group {
    Offsets committed{};  ///< the next record to hand out after a restart
    std::vector<const Consumer*> members;
    std::uint64_t generation = 0;  ///< grows when the members change
  };
  struct Topic {
    std::int64_t id = 0;
    std::string name;
    Offsets low{};   ///< the oldest record stored
    Offsets next{};  ///< where the next record goes
    std::map<std::string, Group, std::less<>> groups;
  };

  explicit EventBus(Options options);
  sql::Result<void> load();
  sql::Result<void> load_offsets(Topic& topic);
  sql::Result<Topic*> topic_named(std::string_view name);
  sql::Result<void> append(const Topic& topic, const std::vector<chat::BusRecord>& records,
                           Offsets& next);
  sql::Result<void> add_group(Topic& topic, const std::string& name);
  sql::Result<void> store_commits(const Topic& topic, const std::string& group,
                                  const std::map<int, std::int64_t>& offsets);
  void clean_up();
  bool clean_up_some();

  Options options_;

  std::mutex write_mutex_;  ///< before mutex_; one writer at a time
  std::unique_ptr<sql::Connection> writer_;
  bool stale_ = false;  ///< a write failed: what is in memory must be read again

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable committed_;
  std::map<std::string, Topic, std::less<>> topics_;
  bool stopping_ = false;
  bool to_clean_ = true;
  std::thread cleaner_;
};

}  // namespace respring::local
