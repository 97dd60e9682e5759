#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace respring::cmd {

/// Counts durations in buckets that are never wider than 1/64 of their value, from one microsecond
/// to more than an hour (the idea of HdrHistogram). Not thread safe.
class Histogram {
 public:
  Histogram();

  void record(std::int64_t microseconds);
  void add(const Histogram& other);

  std::int64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  /// In microseconds; 0 when nothing was recorded. `share` is 0.99 for the 99th percentile.
  std::int64_t percentile(double share) const;

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace respring::cmd
