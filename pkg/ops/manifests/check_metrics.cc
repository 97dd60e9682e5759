// Names of metrics in what Prometheus, Grafana and autoscalers are told to ask.
#include <algorithm>
#include <set>

#include "ops/manifests/check.h"
#include "ops/manifests/check_promql.h"
#include "telemetry/metrics.h"

namespace respring::manifests {
namespace {

using json::Value;
using metrics::Declaration;
using metrics::Kind;

const Declaration* declared(std::string_view name) {
  const auto& table = metrics::table();
  const auto at = std::ranges::find(table, name, &Declaration::name);
  return at == table.end() ? nullptr : &*at;
}

/// A series of this binary: a histogram is its buckets, sum and count.
bool is_series(std::string_view name) {
  if (const Declaration* own = declared(name)) return own->kind != Kind::histogram;
  for (const std::string_view end : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(end)) continue;
    const Declaration* whole = declared(name.substr(0, name.size() - end.size()));
    if (whole != nullptr && whole->kind == Kind::histogram) return true;
  }
  return false;
}

/// What Prometheus itself makes.
bool is_prometheus_own(std::string_view name) {
  return name == "up" || name == "ALERTS" || name == "ALERTS_FOR_STATE" ||
         name.starts_with("scrape_");
}

class Metrics {
 public:
  explicit Metrics(Look& look) : look_(look) {
    for (const Value& object : look.objects()) {
      each_rule(object, [&](const Value& rule) { recorded_.insert(text_at(rule, "record")); });
    }
  }

  void look() {
    for (const Value& object : look_.objects()) {
      const std::string kind = text_at(object, "kind");
      each_rule(object, [&](const Value& rule) { expression(object, text_at(rule, "expr")); });
      if (kind == "HorizontalPodAutoscaler") autoscaler(object);
      if (kind == "ConfigMap") dashboards(object);
    }
  }

 private:
  template <class Body>
  static void each_rule(const Value& object, Body body) {
    if (text_at(object, "kind") != "PrometheusRule") return;
    for (const Value& group : items_at(object, "spec.groups")) {
      for (const Value& rule : items_at(group, "rules")) body(rule);
    }
  }

  void series(const Value& object, const std::string& name) {
    if (!is_series(name) && !is_prometheus_own(name) && !recorded_.contains(name))
      look_.found(object, "the binary has no metric '" + name + "'");
  }

  void expression(const Value& object, const std::string& text) {
    for (const std::string& name : series_in(text)) series(object, name);
  }

  void autoscaler(const Value& object) {
    for (const Value& metric : items_at(object, "spec.metrics")) {
      for (const char* kind : {"pods", "object", "external"}) {
        const std::string name = text_at(metric, std::string(kind) + ".metric.name");
        if (!name.empty()) series(object, name);
      }
      const std::string resource = text_at(metric, "resource.name");
      if (!resource.empty() && resource != "cpu" && resource != "memory")
        look_.found(object, "spec.metrics: there is no resource '" + resource + "'");
    }
  }

  /// Databases have names like metrics, too, but stand in other files.
  void dashboards(const Value& object) {
    const Value& data = at(object, "data");
    if (data.as_object() == nullptr) return;
    for (const auto& [file, text] : *data.as_object()) {
      if (!file.ends_with(".json") || text.as_string() == nullptr) continue;
      const auto board = json::parse(*text.as_string());
      if (board) {
        panels(object, board.value());
      } else {
        look_.found(object, "data." + file + " is no JSON: " + board.error().detail);
      }
    }
  }

  /// Every query, wherever it stands.
  void panels(const Value& object, const Value& part) {
    if (const auto* list = part.as_array()) {
      for (const Value& item : *list) panels(object, item);
    }
    if (part.as_object() == nullptr) return;
    for (const auto& [name, value] : *part.as_object()) {
      if (name == "expr" && value.as_string() != nullptr) {
        expression(object, *value.as_string());
      } else {
        panels(object, value);
      }
    }
  }

  Look& look_;
  std::set<std::string> recorded_;
};

}  // namespace

void check_metrics(Look& look) { Metrics(look).look(); }

}  // namespace respring::manifests
