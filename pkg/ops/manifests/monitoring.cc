// What Prometheus scrapes and judges, what Grafana shows, and what ships logs.
#include "ops/manifests/boards.h"
#include "ops/manifests/objectives.h"
#include "ops/manifests/objects.h"

namespace respring::manifests {

using json::Array;
using json::Object;

namespace {

/// Grafana Alloy reads the pods' logs by the API and pushes them to Loki. Labels are bounded: role,
/// namespace and level; what is different in every line goes beside them as structured metadata.
constexpr std::string_view kAlloy = R"(discovery.kubernetes "pods" {
  role = "pod"
  namespaces {
    names = ["NAMESPACE"]
  }
}

discovery.relabel "respring" {
  targets = discovery.kubernetes.pods.targets
  rule {
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]
    regex         = "respring"
    action        = "keep"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_component"]
    target_label  = "role"
  }
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }
}

loki.source.kubernetes "respring" {
  targets    = discovery.relabel.respring.output
  forward_to = [loki.process.respring.receiver]
}

loki.process "respring" {
  stage.json {
    expressions = { ts = "ts", level = "level", event = "event", trace_id = "trace_id" }
  }
  stage.timestamp {
    source = "ts"
    format = "RFC3339Nano"
  }
  stage.labels {
    values = { level = "" }
  }
  stage.structured_metadata {
    values = { event = "", trace_id = "" }
  }
  forward_to = [loki.write.respring.receiver]
}

loki.write "respring" {
  endpoint {
    url = "LOKI/loki/api/v1/push"
  }
}
)";

std::string alloy_text(const Input& input) {
  std::string text(kAlloy);
  const std::pair<std::string_view, const std::string*> words[] = {
      {"NAMESPACE", &input.values.name_space}, {"LOKI", &input.values.monitoring.loki_url}};
  for (const auto& [word, value] : words) text.replace(text.find(word), word.size(), *value);
  return text;
}

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
  if (!values.loki_url.empty()) {
    out.push_back(
        config_map(input, "respring-alloy", "monitoring", "config.alloy", alloy_text(input)));
  }
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
