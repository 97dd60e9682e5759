#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shardmap/shard_map.h"

namespace respring::move {

/// A slot of a job with the shards that its move keeps busy.
struct Scheduled {
  shardmap::Slot slot;
  std::string source;
  std::string target;
};

/// Which move of a job begins next, so that no shard takes part in more than `per_shard` at a time.
/// The order of the job is kept where that allows it. One thread.
class Schedule {
 public:
  Schedule(std::vector<Scheduled> moves, int per_shard);

  /// The move that may begin now, by its place in the job; it counts from here on. Nothing: wait
  /// for the end of one, or all have begun.
  std::optional<std::size_t> next();
  void ended(std::size_t which);
  bool all_begun() const { return left_.empty(); }
  /// How many can ever be under way at once.
  std::size_t width() const;

 private:
  std::vector<Scheduled> moves_;
  std::vector<std::size_t> left_;
  std::map<std::string, int> busy_;
  int per_shard_;
};

}  // namespace respring::move
