#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Metrics in the Prometheus format. Every metric stands in the table of metric_table.cc with its
/// help and its label names; asking for one that is not there ends the process at once, so that a
/// typo cannot pass a test. A handle is a pointer: copy it freely, update it from any thread
/// (an atomic addition); it lives as long as the process. Get it once, not per update.
///
///   static const auto sends = metrics::counter("respring_sends_total", {{"result", "stored"}});
///   sends.add();
namespace respring::metrics {

enum class Kind : std::uint8_t { counter, gauge, histogram };

/// One line of the table.
struct Declaration {
  std::string_view name;
  Kind kind;
  std::string_view help;
  std::vector<std::string_view> labels;
  std::vector<double> buckets;  ///< of a histogram, upper bounds, ascending
};

/// Every metric of this binary, for the reference and for `manifests check`.
const std::vector<Declaration>& table();

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Most different label sets of one metric; further ones share the label value `other`.
inline constexpr std::size_t kMaxSeries = 200;

class Counter {
 public:
  void add(double amount = 1) const;

 private:
  friend Counter counter(std::string_view, const Labels&);
  void* impl_ = nullptr;
};

class Gauge {
 public:
  void set(double value) const;
  void add(double amount) const;

 private:
  friend Gauge gauge(std::string_view, const Labels&);
  void* impl_ = nullptr;
};

class Histogram {
 public:
  /// Durations in seconds, sizes in bytes or rows.
  void observe(double value) const;

 private:
  friend Histogram histogram(std::string_view, const Labels&);
  void* impl_ = nullptr;
};

Counter counter(std::string_view name, const Labels& labels = {});
Gauge gauge(std::string_view name, const Labels& labels = {});
Histogram histogram(std::string_view name, const Labels& labels = {});

/// Everything in the text format 0.0.4 (content type `text/plain; version=0.0.4`), with the
/// process's own figures as they are now.
std::string render();

}  // namespace respring::metrics
