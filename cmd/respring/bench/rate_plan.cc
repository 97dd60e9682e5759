#include "respring/bench/rate_plan.h"

#include <cmath>

namespace respring::cmd {
namespace {

/// When `count` of them are due in a stage that goes from one rate to another: the smaller root of
/// from x + (to - from) x² / (2 seconds) = count, in the form that also holds for a level stage.
double reached(double from, const Stage& stage, double count) {
  const double slope = (stage.target - from) / stage.seconds;
  const double root = std::sqrt(std::max(from * from + 2 * slope * count, 0.0));
  return from + root > 0 ? 2 * count / (from + root) : 0;
}

}  // namespace

RatePlan RatePlan::steady(double rate, double seconds) {
  return RatePlan({{rate, 0}, {rate, seconds}});
}

std::optional<double> RatePlan::due(std::int64_t number) const {
  auto left = static_cast<double>(number);
  double from = 0;
  double begun = 0;
  for (const Stage& stage : stages_) {
    const double count = (from + stage.target) / 2 * stage.seconds;
    if (left < count) return begun + reached(from, stage, left);
    left -= count;
    begun += stage.seconds;
    from = stage.target;
  }
  return std::nullopt;
}

double RatePlan::at(double seconds) const {
  double from = 0;
  for (const Stage& stage : stages_) {
    if (seconds < stage.seconds) return from + (stage.target - from) * seconds / stage.seconds;
    seconds -= stage.seconds;
    from = stage.target;
  }
  return from;
}

double RatePlan::seconds() const {
  double sum = 0;
  for (const Stage& stage : stages_) sum += stage.seconds;
  return sum;
}

double RatePlan::count() const {
  double sum = 0;
  double from = 0;
  for (const Stage& stage : stages_) {
    sum += (from + stage.target) / 2 * stage.seconds;
    from = stage.target;
  }
  return sum;
}

}  // namespace respring::cmd
