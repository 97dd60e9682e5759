#include "ops/move/schedule.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace respring::move {

Schedule::Schedule(std::vector<Scheduled> moves, int per_shard)
    : moves_(std::move(moves)), left_(moves_.size()), per_shard_(std::max(per_shard, 1)) {
  std::iota(left_.begin(), left_.end(), 0);
}

std::optional<std::size_t> Schedule::next() {
  const auto free = [this](std::size_t which) {
    return busy_[moves_[which].source] < per_shard_ && busy_[moves_[which].target] < per_shard_;
  };
  const auto found = std::ranges::find_if(left_, free);
  if (found == left_.end()) return std::nullopt;
  const std::size_t which = *found;
  left_.erase(found);
  ++busy_[moves_[which].source];
  ++busy_[moves_[which].target];
  return which;
}

void Schedule::ended(std::size_t which) {
  --busy_[moves_[which].source];
  --busy_[moves_[which].target];
}

// Every move keeps two shards busy.
std::size_t Schedule::width() const {
  std::set<std::string> shards;
  for (const auto& move : moves_) shards.insert({move.source, move.target});
  const auto places = shards.size() * static_cast<std::size_t>(per_shard_) / 2;
  return std::clamp<std::size_t>(places, 1, std::max<std::size_t>(moves_.size(), 1));
}

}  // namespace respring::move
