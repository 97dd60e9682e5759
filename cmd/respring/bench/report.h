#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "respring/bench/histogram.h"
#include "respring/bench/target.h"
#include "respring/console.h"

namespace respring::cmd {

/// The figures of one run, printed as a table or as JSON.
class BenchReport {
 public:
  explicit BenchReport(std::string scenario) : scenario_(std::move(scenario)) {}

  void count(std::string name, std::int64_t value);
  void number(std::string name, double value);
  /// What was looked for and not found.
  void none(std::string name);
  /// p50, p90, p99, p99.9 and the maximum, in milliseconds.
  void latency(const std::string& name, const Histogram& histogram);
  /// The server's own processor time per operation, if it was asked.
  void server(const ServerFigures& before, const ServerFigures& after, std::int64_t operations);

  /// Says whether a figure that was told before is at most so high.
  void threshold(const std::string& figure, double most);

  void print(Console& console) const;
  /// Whether a threshold does not hold.
  bool crossed() const { return crossed_; }

 private:
  std::string scenario_;
  json::Object data_;
  json::Array thresholds_;
  bool crossed_ = false;
  Table table_;
};

}  // namespace respring::cmd
