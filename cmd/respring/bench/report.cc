#include "respring/bench/report.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace respring::cmd {
namespace {

std::string rounded(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), value < 100 ? "%.3f" : "%.0f", value);
  return text.data();
}

}  // namespace

void BenchReport::count(std::string name, std::int64_t value) {
  table_.rows.push_back({name, std::to_string(value)});
  data_.emplace_back(std::move(name), value);
}

void BenchReport::number(std::string name, double value) {
  table_.rows.push_back({name, rounded(value)});
  data_.emplace_back(std::move(name), value);
}

void BenchReport::none(std::string name) {
  table_.rows.push_back({name, "none"});
  data_.emplace_back(std::move(name), nullptr);
}

void BenchReport::latency(const std::string& name, const Histogram& histogram) {
  constexpr std::array kShares = {std::pair("p50", 0.5), std::pair("p90", 0.9),
                                  std::pair("p99", 0.99), std::pair("p99_9", 0.999)};
  for (const auto& [label, share] : kShares) {
    number(name + "_" + label + "_ms", static_cast<double>(histogram.percentile(share)) / 1000);
  }
  number(name + "_max_ms", static_cast<double>(histogram.max()) / 1000);
}

void BenchReport::server(const ServerFigures& before, const ServerFigures& after,
                         std::int64_t operations) {
  if (after.cpu_seconds <= 0 || operations <= 0) return;
  const double cpu = after.cpu_seconds - before.cpu_seconds;
  number("server_cpu_s", cpu);
  number("server_cpu_us_per_operation", cpu * 1e6 / static_cast<double>(operations));
}

void BenchReport::threshold(const std::string& figure, double most) {
  const auto told = std::ranges::find(data_, figure, &json::Member::first);
  const bool holds = told != data_.end() && told->second.as_number().value_or(most + 1) <= most;
  table_.rows.push_back({figure + " ≤ " + rounded(most), holds ? "holds" : "does not hold"});
  thresholds_.emplace_back(json::Object{{"figure", figure}, {"most", most}, {"holds", holds}});
  crossed_ = crossed_ || !holds;
}

void BenchReport::print(Console& console) const {
  json::Object data = {{"scenario", scenario_}};
  data.insert(data.end(), data_.begin(), data_.end());
  if (!thresholds_.empty()) data.emplace_back("thresholds", thresholds_);
  console.print(json::Value(std::move(data)), table_);
}

}  // namespace respring::cmd
