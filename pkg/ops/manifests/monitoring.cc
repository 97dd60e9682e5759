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
  Object monitor =
      object(input, "monitoring.coreos.com/v1", "PodMonitor", "respring", "monitoring");
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
  Object rules =
      object(input, "monitoring.coreos.com/v1", "PrometheusRule", "respring", "monitoring");
  rules.emplace_back("spec", Object{{"groups", rule_groups()}});
  out.emplace_back(std::move(rules));
  for (const Board& board : boards()) out.push_back(dashboard_map(input, board));
}

}  // namespace respring::manifests
