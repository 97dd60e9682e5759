// Generic cell rate algorithm (ITU-T I.371): instead of a token count, a bucket keeps the moment at
// which it will be full again. A token costs one interval (1 / rate) of that time; a bucket of
// `burst` tokens may lie at most burst intervals ahead. There is nothing to refill and nothing to
// round, and a bucket whose moment has passed is full: it need not be remembered.

#include "local/rate_limiter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace respring::local {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::size_t kShards = 16;
/// When a shard is full of buckets in use, this part of them is forgotten at once, so that the
/// search for them is rare.
constexpr std::size_t kForgottenPart = 8;

class Shard {
 public:
  chat::RateDecision take(std::string key, nanoseconds interval, nanoseconds depth, TimePoint now,
                          std::size_t max_buckets) {
    const std::lock_guard lock(mutex_);
    const auto found = full_at_.find(key);
    const TimePoint begin = found == full_at_.end() ? now : std::max(found->second, now);
    const TimePoint end = begin + interval;
    if (end - now > depth)
      return {false, std::max(ceil<milliseconds>(end - depth - now), milliseconds(1))};
    if (found != full_at_.end()) {
      found->second = end;
      return {};
    }
    if (full_at_.size() >= max_buckets) make_room(now);
    full_at_.emplace(std::move(key), end);
    return {};
  }

 private:
  void make_room(TimePoint now) {
    const std::size_t before = full_at_.size();
    std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
    const std::size_t wanted = before - before / kForgottenPart;
    if (full_at_.size() <= wanted && full_at_.size() < before) return;
    std::vector<TimePoint> moments;
    moments.reserve(full_at_.size());
    for (const auto& bucket : full_at_) moments.push_back(bucket.second);
    const auto nth = moments.begin() + static_cast<std::ptrdiff_t>(moments.size() / kForgottenPart);
    std::nth_element(moments.begin(), nth, moments.end());
    std::erase_if(full_at_, [limit = *nth](const auto& bucket) { return bucket.second <= limit; });
  }

  std::mutex mutex_;
  std::unordered_map<std::string, TimePoint> full_at_;
};

class LocalRateLimiter final : public chat::RateLimiter {
 public:
  explicit LocalRateLimiter(RateLimiterOptions options) : options_(std::move(options)) {}

  Task<chat::RateDecision> take(std::string key, chat::RateLimit limit) override {
    if (limit.off()) co_return chat::RateDecision{};
    const nanoseconds interval = of_ns(1e9 / limit.per_second);
    const double tokens = std::max(limit.burst, 1.0);
    const nanoseconds depth = of_ns(static_cast<double>(interval.count()) * tokens);
    Shard& shard = shards_[std::hash<std::string>{}(key) % kShards];
    co_return shard.take(std::move(key), interval, depth, options_.now(),
                         std::max<std::size_t>(options_.max_buckets / kShards, 1));
  }

 private:
  static nanoseconds of_ns(double ns) {
    constexpr double kLongest = 30.0 * 24 * 3600 * 1e9;  // a month: far from overflow
    return nanoseconds(std::llround(std::min(ns, kLongest)));
  }

  RateLimiterOptions options_;
  std::array<Shard, kShards> shards_;
};

}  // namespace

std::unique_ptr<chat::RateLimiter> make_rate_limiter(RateLimiterOptions options) {
  return std::make_unique<LocalRateLimiter>(std::move(options));
}

}  // namespace respring::local
