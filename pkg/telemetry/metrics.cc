#include "telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

#include "telemetry/process.h"

namespace respring::metrics {
namespace {

using LabelMap = std::map<std::string, std::string>;

[[noreturn]] void misuse(std::string_view name, const char* why) {
  const std::string line = "metric " + std::string(name) + ": " + why + "\n";
  std::fputs(line.c_str(), stderr);  // tidy: allow(printf): the last words of the process
  std::abort();
}

const Declaration& declared(std::string_view name, Kind kind, const Labels& labels) {
  const auto& all = table();
  const auto at = std::ranges::find(all, name, &Declaration::name);
  if (at == all.end()) misuse(name, "is not in metric_table.cc");
  if (at->kind != kind) misuse(name, "is of another kind");
  if (at->labels.size() != labels.size()) misuse(name, "has other labels");
  for (const auto& [label, value] : labels) {
    if (std::ranges::count(at->labels, label) != 1) misuse(name, "has other labels");
  }
  return *at;
}

/// The library's registry and the families made so far. Never destroyed: handles outlive main().
class Store {
 public:
  void* counter(const Declaration& d, const Labels& labels) {
    const std::lock_guard lock(mutex_);
    auto& family = prometheus::BuildCounter()
                       .Name(std::string(d.name))
                       .Help(std::string(d.help))
                       .Register(registry_);
    return &family.Add(bounded(d, labels));
  }
  void* gauge(const Declaration& d, const Labels& labels) {
    const std::lock_guard lock(mutex_);
    auto& family = prometheus::BuildGauge()
                       .Name(std::string(d.name))
                       .Help(std::string(d.help))
                       .Register(registry_);
    return &family.Add(bounded(d, labels));
  }
  void* histogram(const Declaration& d, const Labels& labels) {
    const std::lock_guard lock(mutex_);
    auto& family = prometheus::BuildHistogram()
                       .Name(std::string(d.name))
                       .Help(std::string(d.help))
                       .Register(registry_);
    return &family.Add(bounded(d, labels), d.buckets);
  }
  std::string text() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

 private:
  /// The labels as they are, or all `other` when the metric has its fill of series.
  LabelMap bounded(const Declaration& d, const Labels& labels) {
    LabelMap map(labels.begin(), labels.end());
    auto& series = series_[d.name];
    if (series.size() >= kMaxSeries && !series.contains(map)) {
      for (auto& [label, value] : map) value = "other";
    }
    series.insert(map);
    return map;
  }

  std::mutex mutex_;
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
  std::map<std::string_view, std::set<LabelMap>> series_;
};

Store& store() {
  static Store* const instance = new Store;
  return *instance;
}

void refresh_process() {
  const telemetry::ProcessFigures now = telemetry::process_figures();
  static const Gauge memory = gauge("process_resident_memory_bytes");
  static const Gauge open_fds = gauge("process_open_fds");
  static const Gauge max_fds = gauge("process_max_fds");
  static const Gauge threads = gauge("process_threads");
  static const Gauge start = gauge("process_start_time_seconds");
  static const Gauge info =
      gauge("respring_build_info", {{"version", std::string(telemetry::build().version)},
                                    {"commit", std::string(telemetry::build().commit)}});
  memory.set(static_cast<double>(now.resident_bytes));
  open_fds.set(static_cast<double>(now.open_fds));
  max_fds.set(static_cast<double>(now.max_fds));
  threads.set(static_cast<double>(now.threads));
  start.set(now.start_time_seconds);
  info.set(1);

  // A counter can only grow by amounts: add what came since the last look.
  static const Counter cpu = counter("process_cpu_seconds_total");
  static std::mutex mutex;
  static double seen = 0;
  const std::lock_guard lock(mutex);
  if (now.cpu_seconds > seen) {
    cpu.add(now.cpu_seconds - seen);
    seen = now.cpu_seconds;
  }
}

}  // namespace

void Counter::add(double amount) const {
  static_cast<prometheus::Counter*>(impl_)->Increment(amount);
}
void Gauge::set(double value) const { static_cast<prometheus::Gauge*>(impl_)->Set(value); }
void Gauge::add(double amount) const { static_cast<prometheus::Gauge*>(impl_)->Increment(amount); }
void Histogram::observe(double value) const {
  static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

Counter counter(std::string_view name, const Labels& labels) {
  Counter handle;
  handle.impl_ = store().counter(declared(name, Kind::counter, labels), labels);
  return handle;
}
Gauge gauge(std::string_view name, const Labels& labels) {
  Gauge handle;
  handle.impl_ = store().gauge(declared(name, Kind::gauge, labels), labels);
  return handle;
}
Histogram histogram(std::string_view name, const Labels& labels) {
  Histogram handle;
  handle.impl_ = store().histogram(declared(name, Kind::histogram, labels), labels);
  return handle;
}

std::string render() {
  refresh_process();
  return store().text();
}

}  // namespace respring::metrics
