#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "shardmap/shard_map.h"
#include "store/shard_writer.h"

namespace respring::store {

/// Brings writes to the shard that owns their slot, and keeps the map: it is looked at again when a
/// shard says that it does not have a slot, when somebody says so (look_again()), and now and then.
/// Writes that met a slot on its way wait here, bounded in number and by their deadlines, and go on
/// with the same content; the writes of a room keep their order over all of that, also when it gets
/// a slot of its own. Safe from any thread.
class WriteRouter {
 public:
  struct Options {
    shardmap::ShardMap map;
    /// The stored map if it is newer than this version. Empty: the map never changes.
    std::function<sql::Result<std::optional<shardmap::ShardMap>>(std::int64_t)> newer_map;
    /// Carries out what the meta database decided about a slot that is frozen for too long, or
    /// takes the move back.
    std::function<sql::Result<void>(shardmap::Slot)> settle;
    std::chrono::milliseconds poll{2000};
    std::size_t wait_limit = 8192;
  };

  explicit WriteRouter(Options options);
  ~WriteRouter();
  WriteRouter(const WriteRouter&) = delete;
  WriteRouter& operator=(const WriteRouter&) = delete;

  /// The writers by the map's index of their shard; they outlive stop().
  void start(std::vector<ShardWriter*> writers);
  /// Answers what still waits. Idempotent.
  void stop();

  bool follows_changes() const { return options_.newer_map != nullptr; }
  /// Gives the job its slot, epoch and ticket.
  void submit(WriteJob job);
  /// A shard does not have the job's slot.
  void turned_back(WriteJob job);
  void stuck(shardmap::Slot slot);
  /// The map may have changed.
  void look_again();
  std::shared_ptr<const shardmap::ShardMap> map() const;
  std::int64_t waiting() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Waiting {
    std::vector<WriteJob> jobs;
    Steady::time_point not_before{};
  };

  void loop();
  void read_map();
  void adopt(shardmap::ShardMap fresh);
  std::set<std::pair<shardmap::Slot, std::int32_t>> changes_since(const shardmap::ShardMap& before);
  void put_aside(WriteJob job);
  bool is_busy_with(shardmap::Slot slot) const;
  void flush();
  /// Under the lock; the job is moved away unless a reason for refusing it is given.
  const char* route(WriteJob& job);

  Options options_;
  std::vector<ShardWriter*> writers_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const shardmap::ShardMap> map_;
  std::map<shardmap::Slot, Waiting> waiting_;
  std::size_t waiting_count_ = 0;
  std::set<shardmap::Slot> stuck_;
  std::int64_t tickets_ = 0;
  bool look_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace respring::store
