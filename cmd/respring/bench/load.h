#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "respring/bench/rate_plan.h"

namespace respring::cmd {

/// Something that must not be above `most`, by its name in the report.
struct Threshold {
  std::string figure;
  double most = 0;
};

/// Connections that end and come again: each of so many stays for `stay` seconds, so many times.
struct Storm {
  std::int64_t connections = 0;
  std::int64_t times = 0;
  double stay = 0;
};

/// What is too much: where a rising load ends.
struct Knee {
  double p99_ms = 0;        ///< of sends
  double failed_share = 0;  ///< of sends
  double not_before = 0;    ///< seconds
};

/// Who comes how often, and what must hold. loadtest/k6/scenarios.ts has the same loads under the
/// same names; tests/ops/k6_test.py compares them.
struct Load {
  std::string name;
  std::string what;         ///< for --help
  std::string what_korean;  ///< the same
  std::int64_t people = 0;
  std::int64_t rooms = 0;
  std::int64_t members = 0;      ///< of each room
  std::int64_t connections = 0;  ///< that listen all the time
  RatePlan sends{};
  RatePlan reads{};
  RatePlan searches{};
  Storm storm{};
  std::vector<Threshold> thresholds{};
  std::optional<Knee> knee{};
};

const std::vector<Load>& loads();

/// Sends at that rate, half as many reads, a tenth as many searches.
Load evening(Load load, double rate, double seconds);

/// With every duration multiplied; `factor` is above 0.
Load stretched(Load load, double factor);

/// As `--dry-run` shows it.
json::Value to_json(const Load& load);

}  // namespace respring::cmd
