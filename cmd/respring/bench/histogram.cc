#include "respring/bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace respring::cmd {
namespace {

constexpr int kSubBits = 6;  // 64 buckets for each power of two
constexpr std::uint64_t kSub = 1U << kSubBits;
constexpr int kPowers = 33;

std::size_t bucket_of(std::uint64_t value) {
  if (value < kSub) return value;
  const int power = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
  const std::size_t bucket = static_cast<std::size_t>(power + 1) * kSub + ((value >> power) - kSub);
  return std::min(bucket, kSub * kPowers - 1);
}

/// The highest value that falls into the bucket.
std::uint64_t top_of(std::size_t bucket) {
  if (bucket < kSub) return bucket;
  const std::size_t power = bucket / kSub - 1;
  return ((bucket % kSub + kSub + 1) << power) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(kSub * kPowers) {}

void Histogram::record(std::int64_t microseconds) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(microseconds, 0));
  ++buckets_[bucket_of(value)];
  ++count_;
  max_ = std::max(max_, microseconds);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::int64_t Histogram::percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(static_cast<std::int64_t>(top_of(i)), max_);
  }
  return max_;
}

}  // namespace respring::cmd
