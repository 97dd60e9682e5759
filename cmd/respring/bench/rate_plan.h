#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace respring::cmd {

/// The way of a rate: it comes from where it was to `target` a second within `seconds`.
struct Stage {
  double target = 0;
  double seconds = 0;
};

/// When each of many things is due whose rate changes as stages say, from 0 on. A value.
class RatePlan {
 public:
  RatePlan() = default;
  explicit RatePlan(std::vector<Stage> stages) : stages_(std::move(stages)) {}
  /// The same rate from the first moment to the last.
  static RatePlan steady(double rate, double seconds);

  /// Seconds after the start; the first is number 0. Nothing: it is not due before the end.
  std::optional<double> due(std::int64_t number) const;
  /// The rate a second at that moment.
  double at(double seconds) const;
  double seconds() const;
  /// How many are due in all.
  double count() const;
  const std::vector<Stage>& stages() const { return stages_; }

 private:
  std::vector<Stage> stages_;
};

}  // namespace respring::cmd
