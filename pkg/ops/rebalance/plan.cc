#include "ops/rebalance/plan.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace respring::rebalance {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::max();

class Planner {
 public:
  Planner(const std::vector<ShardLoad>& shards, const std::vector<SlotLoad>& slots,
          const Options& options)
      : shards_(shards),
        options_(options),
        cost_(shards.size(), 0),
        slots_(shards.size()),
        full_(shards.size(), false) {
    for (const auto& shard : shards) bytes_.push_back(shard.bytes);
    for (const auto& slot : slots) {
      const auto at = static_cast<std::size_t>(slot.shard);
      cost_[at] += slot.cost;
      slots_[at].push_back(slot);
      total_ += slot.cost;
    }
    for (auto& own : slots_) {
      std::ranges::sort(own, [](const SlotLoad& a, const SlotLoad& b) {
        return a.cost != b.cost ? a.cost > b.cost : a.slot < b.slot;
      });
    }
    for (const auto& shard : shards) weights_ += shard.weight;
  }

  Plan run() {
    Plan plan;
    if (weights_ <= 0) return plan;
    while (plan.moves.size() < options_.most_moves) {
      auto move = next();
      if (!move) break;
      plan.moves.push_back(*move);
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      if (full_[i]) plan.full.push_back(static_cast<std::int32_t>(i));
      if (shards_[i].weight == 0) plan.stranded += static_cast<std::int64_t>(slots_[i].size());
    }
    return plan;
  }

 private:
  double usage(std::size_t shard, std::int64_t more = 0) const {
    const auto cost = cost_[shard] + more;
    if (shards_[shard].weight == 0) return cost > 0 ? kInfinite : 0;
    return static_cast<double>(cost) / static_cast<double>(shards_[shard].weight);
  }

  bool has_space(std::size_t shard, std::int64_t bytes) const {
    const auto capacity = shards_[shard].capacity;
    return capacity == 0 || bytes_[shard] + bytes <= capacity - capacity / 10;
  }

  // The most used shard that can give something away gives it.
  std::optional<PlannedMove> next() {
    std::vector<std::size_t> order(shards_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order,
                             [this](std::size_t a, std::size_t b) { return usage(a) > usage(b); });
    const double average = static_cast<double>(total_) / static_cast<double>(weights_);
    for (const std::size_t from : order) {
      const bool empties = shards_[from].weight == 0;
      if (slots_[from].empty()) continue;
      if (!empties && usage(from) <= average * (1 + options_.threshold)) return std::nullopt;
      auto move = give(from, order);
      if (move) return move;
    }
    return std::nullopt;
  }

  std::optional<PlannedMove> give(std::size_t from, const std::vector<std::size_t>& order) {
    for (auto to = order.rbegin(); to != order.rend(); ++to) {
      if (*to == from || shards_[*to].weight == 0) continue;
      auto& own = slots_[from];
      const auto fits = [&](const SlotLoad& slot) {
        // Both stay below what the giver had: every move improves.
        const bool improves = shards_[from].weight == 0 || usage(*to, slot.cost) < usage(from);
        const bool has_room = has_space(*to, slot.bytes);
        if (improves && !has_room) full_[*to] = true;
        return improves && has_room;
      };
      const auto found = std::ranges::find_if(own, fits);
      if (found == own.end()) continue;
      const SlotLoad slot = *found;
      own.erase(found);  // it does not move twice
      cost_[from] -= slot.cost;
      cost_[*to] += slot.cost;
      bytes_[*to] += slot.bytes;
      return PlannedMove{slot.slot, static_cast<std::int32_t>(from), static_cast<std::int32_t>(*to),
                         slot.cost};
    }
    return std::nullopt;
  }

  const std::vector<ShardLoad>& shards_;
  const Options& options_;
  std::vector<std::int64_t> cost_;
  std::vector<std::vector<SlotLoad>> slots_;  // that may still move, largest first
  std::vector<std::int64_t> bytes_;
  std::vector<bool> full_;
  std::int64_t total_ = 0;
  std::int64_t weights_ = 0;
};

}  // namespace

Plan plan(const std::vector<ShardLoad>& shards, const std::vector<SlotLoad>& slots,
          const Options& options) {
  return Planner(shards, slots, options).run();
}

std::vector<double> usage_of(const std::vector<ShardLoad>& shards,
                             const std::vector<SlotLoad>& slots) {
  std::vector<double> usage(shards.size(), 0);
  for (const auto& slot : slots)
    usage[static_cast<std::size_t>(slot.shard)] += static_cast<double>(slot.cost);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (shards[i].weight > 0) {
      usage[i] /= static_cast<double>(shards[i].weight);
    } else if (usage[i] > 0) {
      usage[i] = kInfinite;
    }
  }
  return usage;
}

}  // namespace respring::rebalance
