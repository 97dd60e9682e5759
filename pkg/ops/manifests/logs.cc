// What ships logs to Loki: a configuration for Grafana Alloy, or for an OpenTelemetry collector.
//
// Both leave the line as it is and make the same of it: bounded labels (service_name, namespace,
// role, level), and beside them, as structured metadata, what differs from line to line (event,
// trace_id, pod). Both read the containers of ours in every pod, what runs before a Job's last step
// included; `role` is the pod's component, `operator` for what is no role.
#include "ops/manifests/objects.h"

namespace respring::manifests {
namespace {

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
    source_labels = ["__meta_kubernetes_pod_container_name"]
    regex         = "respring|step-[0-9]+"
    action        = "keep"
  }
  // A container is found once for each of its ports; a Job's has none.
  rule {
    source_labels = ["__meta_kubernetes_pod_container_port_name"]
    regex         = "admin|"
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
  rule {
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }
  rule {
    replacement  = "respring"
    target_label = "service_name"
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
    values = { event = "", trace_id = "", pod = "" }
  }
  // Without bound: the source adds instance (namespace/pod:container) and job by itself.
  stage.label_drop {
    values = ["pod", "instance", "job"]
  }
  forward_to = [loki.write.respring.receiver]
}

loki.write "respring" {
  endpoint {
    url = "LOKI/loki/api/v1/push"
  }
}
)";

constexpr std::string_view kCollector =
    R"(# For the collector of each node, which sees /var/log/pods. Loki makes labels of resource attributes that it is told of:
#   limits_config:
#     otlp_config:
#       resource_attributes:
#         attributes_config:
#           - {action: index_label, attributes: [namespace, role, level]}
receivers:
  filelog/respring:
    include: [/var/log/pods/NAMESPACE_respring-*/respring/*.log, /var/log/pods/NAMESPACE_respring-*/step-*/*.log]
    include_file_path: true
    operators:
      # Takes the runtime's prefix off; namespace and pod are in the file's path.
      - type: container
      # As the pod's label app.kubernetes.io/component, which no file has: roles by their Deployments, else Jobs.
      - {type: add, field: resource.role, value: operator}
      - type: regex_parser
        if: 'resource["k8s.pod.name"] matches "^respring-(ROLES)-"'
        parse_from: resource["k8s.pod.name"]
        parse_to: resource
        regex: '^respring-(?P<role>ROLES)-'
      - type: json_parser
        if: 'body startsWith "{"'
        on_error: send_quiet
        parse_to: attributes.line
        timestamp: {parse_from: attributes.line.ts, layout_type: gotime, layout: "2006-01-02T15:04:05Z07:00"}
        severity: {parse_from: attributes.line.level}
      - {type: move, if: 'attributes.line?.level != nil', from: attributes.line.level, to: resource.level}
      - {type: move, if: 'attributes.line?.event != nil', from: attributes.line.event, to: attributes.event}
      - {type: move, if: 'attributes.line?.trace_id != nil', from: attributes.line.trace_id, to: attributes.trace_id}
      - {type: move, from: 'resource["k8s.pod.name"]', to: attributes.pod}
      - {type: move, from: 'resource["k8s.namespace.name"]', to: resource.namespace}
      - {type: add, field: 'resource["service.name"]', value: respring}
      - type: retain
        fields: [attributes.event, attributes.trace_id, attributes.pod, 'resource["service.name"]',
                 resource.namespace, resource.role, resource.level]
exporters:
  otlphttp/loki:
    endpoint: LOKI/otlp
service:
  pipelines:
    logs/respring: {receivers: [filelog/respring], exporters: [otlphttp/loki]}
)";

void replace_all(std::string& text, std::string_view word, const std::string& value) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
    text.replace(at, word.size(), value);
}

std::string roles_of(const BinaryFacts& facts) {
  std::string out;
  for (const RoleFacts& role : facts.roles) {
    if (!out.empty()) out += '|';
    out += role.name;
  }
  return out;
}

}  // namespace

json::Value log_shipper(const Input& input) {
  const MonitoringValues& values = input.values.monitoring;
  const bool alloy = values.log_agent == "alloy";
  std::string text(alloy ? kAlloy : kCollector);
  replace_all(text, "NAMESPACE", input.values.name_space);
  replace_all(text, "LOKI", values.loki_url);
  replace_all(text, "ROLES", roles_of(input.facts));
  return config_map(input, alloy ? "respring-alloy" : "respring-collector", "monitoring",
                    alloy ? "config.alloy" : "collector.yaml", text);
}

}  // namespace respring::manifests
