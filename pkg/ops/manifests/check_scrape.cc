// Whether Prometheus finds the metrics of every role, and is let at them.
#include <algorithm>

#include "ops/manifests/check_reach.h"

namespace respring::manifests {
namespace {

using json::Value;

constexpr const char* kAdmin = "admin";

/// Dashboards and alerts ask by role.
bool names_roles(const Value& endpoint) {
  const auto& all = items_at(endpoint, "relabelings");
  return std::ranges::any_of(
      all, [](const Value& relabeling) { return text_at(relabeling, "targetLabel") == "role"; });
}

void check_endpoint(Look& look, const Value& monitor, const Value& endpoint) {
  const BinaryFacts& facts = look.facts();
  const std::string port = text_at(endpoint, "port");
  const std::string path = text_at(endpoint, "path");
  if (port != kAdmin)
    look.found(monitor, "spec.podMetricsEndpoints: the port '" + port + "' is not " + kAdmin);
  // Prometheus' own default.
  if ((path.empty() ? "/metrics" : path) != facts.metrics_path)
    look.found(monitor,
               "spec.podMetricsEndpoints: the path '" + path + "' is not " + facts.metrics_path);
  if (!names_roles(endpoint))
    look.found(monitor, "spec.podMetricsEndpoints: no relabeling makes the label 'role'");
}

/// The role's pods are chosen, and what asks on the admin port is let in.
void check_role(Look& look, const Value& monitor, const Value& deployment,
                const Policies& policies) {
  const Value& labels = pod_labels(deployment);
  if (!chooses(at(monitor, "spec.selector"), labels))
    look.found(monitor, "spec.selector does not choose the pods of " + component_of(deployment));
  PortAt port = port_named(deployment, kAdmin);
  if (port.number == 0) port.number = look.facts().admin_port;
  if (!policies.restrict(Way::in, labels)) return;
  const auto rules = policies.rules(Way::in, labels);
  const bool open =
      std::ranges::any_of(rules, [&](const PolicyRule& rule) { return rule.has(port); });
  if (open) return;
  const Value* policy = look.find("NetworkPolicy", text_at(deployment, "metadata.name"));
  look.found(policy == nullptr ? deployment : *policy, "spec.ingress lets nobody ask " +
                                                           component_of(deployment) +
                                                           " for its metrics, port " + kAdmin);
}

}  // namespace

void check_scrape(Look& look) {
  const Policies policies(look.objects());
  bool asked = false;
  for (const Value& monitor : look.objects()) {
    if (text_at(monitor, "kind") != "PodMonitor") continue;
    asked = true;
    if (items_at(monitor, "spec.podMetricsEndpoints").empty())
      look.found(monitor, "spec.podMetricsEndpoints is empty");
    for (const Value& endpoint : items_at(monitor, "spec.podMetricsEndpoints"))
      check_endpoint(look, monitor, endpoint);
    for (const RoleFacts& role : look.facts().roles) {
      const Value* deployment = look.find("Deployment", name_of(role));
      if (deployment != nullptr) check_role(look, monitor, *deployment, policies);
    }
  }
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "PrometheusRule" && !asked)
      look.found(object, "judges metrics that no PodMonitor asks for");
  }
}

}  // namespace respring::manifests
