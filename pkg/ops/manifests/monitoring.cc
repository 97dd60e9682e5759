// What Prometheus scrapes and judges, and what Grafana shows.
#include "ops/manifests/boards.h"
#include "ops/manifests/objectives.h"
#include "ops/manifests/objects.h"

namespace respring::manifests {

using json::Array;
using json::Object;

namespace {

/// Grafana's sidecar takes every ConfigMap with this label.
json::Value dashboard_map(const Input& input, const Board& board) {
  const std::string name(board.name);
  json::Value map =
      config_map(input, "respring-dashboard-" + name, "monitoring", "respring-" + name + ".json",
                 json::dump_pretty(dashboard_of(board)) + "\n");
  auto& metadata = (*map.as_object())[2].second;
  auto& labels = metadata.as_object()->back().second;
  labels.as_object()->emplace_back("grafana_dashboard", "1");
  return map;
}

/// An object of the Prometheus operator, with the labels by which a Prometheus may choose it.
Object chosen(const Input& input, std::string_view kind) {
  Object out = object(input, "monitoring.coreos.com/v1", kind, "respring", "monitoring");
  json::Value& labels = out[2].second.as_object()->back().second;
  for (const std::string& text : input.values.monitoring.labels) {
    const auto mark = text.find('=');
    labels.as_object()->emplace_back(text.substr(0, mark), text.substr(mark + 1));
  }
  return out;
}

Scrape scrape_of(const Input& input) {
  Scrape out{input.values.name_space, {}};
  for (const RoleFacts& role : input.facts.roles)
    if (input.role(role.name).replicas > 0) out.roles.push_back(role.name);
  return out;
}

}  // namespace

void add_monitoring(const Input& input, Objects& out) {
  const MonitoringValues& values = input.values.monitoring;
  if (!values.loki_url.empty()) out.push_back(log_shipper(input));
  if (!values.enabled) return;
  Array components;
  for (const RoleFacts& role : input.facts.roles) components.emplace_back(role.name);
  // The role becomes a label of every series, as dashboards and alerts expect it.
  const Array labels = {
      Object{{"sourceLabels", Array{"__meta_kubernetes_pod_label_app_kubernetes_io_component"}},
             {"targetLabel", "role"}}};
  Object monitor = chosen(input, "PodMonitor");
  monitor.emplace_back(
      "spec",
      Object{{"selector",
              Object{{"matchLabels", Object{{"app.kubernetes.io/name", "respring"}}},
                     {"matchExpressions", Array{Object{{"key", "app.kubernetes.io/component"},
                                                       {"operator", "In"},
                                                       {"values", std::move(components)}}}}}},
             {"podMetricsEndpoints",
              Array{Object{{"port", "admin"},
                           {"path", input.facts.metrics_path},
                           {"interval", std::to_string(values.interval_seconds) + "s"},
                           {"relabelings", labels}}}}});
  out.emplace_back(std::move(monitor));
  Object rules = chosen(input, "PrometheusRule");
  rules.emplace_back("spec", Object{{"groups", rule_groups(scrape_of(input), values.runbook_url)}});
  out.emplace_back(std::move(rules));
  for (const Board& board : boards()) out.push_back(dashboard_map(input, board));
}

}  // namespace respring::manifests
