// A role's ConfigMap, ServiceAccount, Deployment, Service, autoscaler and disruption budget.
#include "ops/manifests/objects.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;

Object probe(const Input&, const std::string& path, int period, int failures) {
  return {{"httpGet", Object{{"path", path}, {"port", "admin"}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 2},
          {"failureThreshold", failures}};
}

json::Value service_account(const Input& input, const RoleFacts& role) {
  Object account = object(input, "v1", "ServiceAccount", name_of(role), role.name);
  account.emplace_back("automountServiceAccountToken", false);
  return account;
}

Object resources(const RoleValues& values) {
  const std::string memory = memory_text(values.memory);
  // No CPU limit: a throttled event loop answers nobody; the request shares fairly.
  return {{"requests", Object{{"cpu", cpu_text(values.cpu_millis)},
                              {"memory", memory},
                              {"ephemeral-storage", "64Mi"}}},
          {"limits", Object{{"memory", memory}, {"ephemeral-storage", "256Mi"}}}};
}

Object container(const Input& input, const RoleFacts& role, Object container) {
  container.emplace_back("args", Array{"serve", "--role=" + role.name});
  container.emplace_back(
      "ports", Array{Object{{"name", "http"}, {"containerPort", input.facts.port}},
                     Object{{"name", "admin"}, {"containerPort", input.facts.admin_port}}});
  container.emplace_back("startupProbe", probe(input, input.facts.live_path, 2, 30));
  container.emplace_back("livenessProbe", probe(input, input.facts.live_path, 10, 3));
  container.emplace_back("readinessProbe", probe(input, input.facts.ready_path, 5, 2));
  // The pod leaves the Services first; then SIGTERM makes the process drain.
  const Object leave = {{"seconds", input.values.shutdown.leave_seconds}};
  container.emplace_back("lifecycle", Object{{"preStop", Object{{"sleep", leave}}}});
  container.emplace_back("resources", resources(input.role(role.name)));
  return container;
}

Object pod(const Input& input, const RoleFacts& role) {
  PodParts parts = pod_parts(input, role);
  Object spec = {{"serviceAccountName", name_of(role)},
                 {"automountServiceAccountToken", false},
                 {"enableServiceLinks", false},
                 {"terminationGracePeriodSeconds", input.values.shutdown.grace_seconds},
                 {"securityContext", std::move(parts.security)},
                 {"topologySpreadConstraints", spread(role.name)},
                 {"containers", Array{container(input, role, std::move(parts.container))}},
                 {"volumes", std::move(parts.volumes)}};
  if (!input.values.image.pull_secret.empty()) {
    spec.emplace_back("imagePullSecrets", Array{Object{{"name", input.values.image.pull_secret}}});
  }
  return {
      {"metadata", Object{{"labels", labels(input, role.name)},
                          {"annotations", Object{{"respring/config-hash", parts.settings_hash}}}}},
      {"spec", std::move(spec)}};
}

bool scales(const RoleValues& values) {
  return values.replicas > 0 && values.most_replicas > values.replicas;
}

json::Value deployment(const Input& input, const RoleFacts& role) {
  const RoleValues& values = input.role(role.name);
  Object spec;
  // An autoscaler owns the number; writing it here would set it back with every apply.
  if (!scales(values)) spec.emplace_back("replicas", values.replicas);
  spec.emplace_back("revisionHistoryLimit", 5);
  spec.emplace_back("strategy",
                    Object{{"type", "RollingUpdate"},
                           {"rollingUpdate", Object{{"maxUnavailable", 0}, {"maxSurge", 1}}}});
  spec.emplace_back("selector", Object{{"matchLabels", selector(role.name)}});
  spec.emplace_back("template", pod(input, role));
  Object out = object(input, "apps/v1", "Deployment", name_of(role), role.name);
  out.emplace_back("spec", std::move(spec));
  return out;
}

json::Value service(const Input& input, const RoleFacts& role) {
  Object out = object(input, "v1", "Service", name_of(role), role.name);
  out.emplace_back("spec", Object{{"selector", selector(role.name)},
                                  {"ports", Array{Object{{"name", "http"},
                                                         {"port", input.facts.port},
                                                         {"targetPort", "http"},
                                                         {"appProtocol", "http"}}}}});
  return out;
}

json::Value autoscaler(const Input& input, const RoleFacts& role) {
  const RoleValues& values = input.role(role.name);
  Array metrics = {
      Object{{"type", "Resource"},
             {"resource", Object{{"name", "cpu"},
                                 {"target", Object{{"type", "Utilization"},
                                                   {"averageUtilization", values.cpu_percent}}}}}}};
  if (values.connections > 0) {
    metrics.emplace_back(
        Object{{"type", "Pods"},
               {"pods",
                Object{{"metric", Object{{"name", "respring_websocket_connections"}}},
                       {"target", Object{{"type", "AverageValue"},
                                         {"averageValue", std::to_string(values.connections)}}}}}});
  }
  // Each pod that goes sends its people to the others: slowly, one in ten.
  const Object down = {
      {"stabilizationWindowSeconds", 600},
      {"policies", Array{Object{{"type", "Percent"}, {"value", 10}, {"periodSeconds", 120}},
                         Object{{"type", "Pods"}, {"value", 1}, {"periodSeconds", 120}}}},
      {"selectPolicy", "Max"}};
  Object out = object(input, "autoscaling/v2", "HorizontalPodAutoscaler", name_of(role), role.name);
  out.emplace_back(
      "spec",
      Object{{"scaleTargetRef",
              Object{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name_of(role)}}},
             {"minReplicas", values.replicas},
             {"maxReplicas", values.most_replicas},
             {"metrics", std::move(metrics)},
             {"behavior", Object{{"scaleDown", down}}}});
  return out;
}

json::Value budget(const Input& input, const RoleFacts& role) {
  Object out = object(input, "policy/v1", "PodDisruptionBudget", name_of(role), role.name);
  out.emplace_back("spec", Object{{"maxUnavailable", 1},
                                  {"unhealthyPodEvictionPolicy", "AlwaysAllow"},
                                  {"selector", Object{{"matchLabels", selector(role.name)}}}});
  return out;
}

}  // namespace

void add_role(const Input& input, const RoleFacts& role, Objects& out) {
  const RoleValues& values = input.role(role.name);
  out.push_back(role_config_map(input, role));
  out.push_back(service_account(input, role));
  out.push_back(service(input, role));
  out.push_back(deployment(input, role));
  if (values.replicas > 1) out.push_back(budget(input, role));
  if (scales(values)) out.push_back(autoscaler(input, role));
}

}  // namespace respring::manifests
