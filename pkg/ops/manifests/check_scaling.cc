// Rules about how many pods there are, where, and when they are replaced.
#include <algorithm>

#include "ops/manifests/check_reach.h"
#include "ops/manifests/check_settings.h"

namespace respring::manifests {
namespace {

using json::Value;

template <class Body>
void each_role(Look& look, Body body) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "Deployment" && runs_respring(look, object)) body(object);
  }
}

int number_at(const Value& value, std::string_view path) { return number_of(text_at(value, path)); }

/// Pods that there are at least.
int pods_of(const Look& look, const Value& deployment) {
  const Value* scaler = look.find("HorizontalPodAutoscaler", text_at(deployment, "metadata.name"));
  if (scaler != nullptr) return number_at(*scaler, "spec.minReplicas");
  const std::string replicas = text_at(deployment, "spec.replicas");
  return replicas.empty() ? 1 : number_of(replicas);
}

/// `2` or `25%` of so many pods, rounded up as Kubernetes does for budgets.
int share_of(const std::string& text, int pods) {
  if (!text.ends_with('%')) return number_of(text);
  return (number_of(text.substr(0, text.size() - 1)) * pods + 99) / 100;
}

/// Pods that may be away at a time while a budget holds.
int may_be_away(const Value& budget, int pods) {
  const std::string away = text_at(budget, "spec.maxUnavailable");
  if (!away.empty()) return share_of(away, pods);
  return pods - share_of(text_at(budget, "spec.minAvailable"), pods);
}

void check_budget(Look& look, const Value& budget, int pods) {
  const int away = may_be_away(budget, pods);
  if (away < 1)
    look.found(budget, "spec: of " + std::to_string(pods) +
                           " pods none may be away: no machine could ever be emptied");
  if (pods > 1 && away >= pods)
    look.found(budget, "spec: all " + std::to_string(pods) + " pods may be away at a time");
}

/// Each pod that goes sends its people to the others.
void check_scale_down(Look& look, const Value& scaler) {
  const Value& down = at(scaler, "spec.behavior.scaleDown");
  if (number_at(down, "stabilizationWindowSeconds") < 300)
    look.found(scaler,
               "spec.behavior.scaleDown.stabilizationWindowSeconds is missing or below 300");
  const auto& policies = items_at(down, "policies");
  if (policies.empty())
    look.found(scaler, "spec.behavior.scaleDown.policies is missing: all may go at a time");
  const int most = number_at(scaler, "spec.maxReplicas");
  for (const Value& policy : policies) {
    const bool percent = text_at(policy, "type") == "Percent";
    const int value = number_at(policy, "value");
    const bool slow = percent ? value <= 25 : value == 1 || value * 4 <= most;
    if (!slow || number_at(policy, "periodSeconds") < 60)
      look.found(scaler,
                 "spec.behavior.scaleDown.policies lets more than a quarter go in a minute");
  }
}

bool is_spread(const Value& deployment, const std::string& key) {
  const auto& all = items_at(*pod_of(deployment), "topologySpreadConstraints");
  return std::ranges::any_of(all, [&](const Value& one) {
    const Value* chosen = one.find("labelSelector");
    return text_at(one, "topologyKey") == key && chosen != nullptr &&
           chooses(*chosen, pod_labels(deployment));
  });
}

}  // namespace

void check_budgets(Look& look) {
  each_role(look, [&](const Value& object) {
    const std::string name = text_at(object, "metadata.name");
    const int pods = pods_of(look, object);
    const Value* budget = look.find("PodDisruptionBudget", name);
    if (budget != nullptr && pods > 0) check_budget(look, *budget, pods);
    if (pods > 1 && budget == nullptr)
      look.found(object, "has several pods and no PodDisruptionBudget");
  });
}

void check_autoscalers(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") != "HorizontalPodAutoscaler") continue;
    if (number_at(object, "spec.minReplicas") < 1 ||
        number_at(object, "spec.minReplicas") > number_at(object, "spec.maxReplicas"))
      look.found(object, "spec.minReplicas is not between 1 and spec.maxReplicas");
    if (items_at(object, "spec.metrics").empty()) look.found(object, "spec.metrics is empty");
    check_scale_down(look, object);
    const Value* target = look.find(text_at(object, "spec.scaleTargetRef.kind"),
                                    text_at(object, "spec.scaleTargetRef.name"));
    if (target == nullptr || component_of(*target) != component_of(object)) {
      look.found(object, "spec.scaleTargetRef is not there, or of another component");
    } else if (!text_at(*target, "spec.replicas").empty()) {
      look.found(*target, "spec.replicas would undo what the autoscaler decided");
    }
  }
}

void check_spread(Look& look) {
  each_role(look, [&](const Value& object) {
    if (pods_of(look, object) < 2) return;
    for (const char* key : {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}) {
      if (!is_spread(object, key))
        look.found(object,
                   std::string("topologySpreadConstraints has none for its pods by ") + key);
    }
  });
}

void check_rollout(Look& look) {
  constexpr const char* kHash = "respring/config-hash";
  for (const Value& object : look.objects()) {
    const std::string kind = text_at(object, "kind");
    if (!runs_respring(look, object) || (kind != "Deployment" && kind != "CronJob")) continue;
    const MountedSettings settings(look, *pod_of(object));
    if (settings.source() == nullptr) continue;  // the rule `mounts` says so
    const Value& meta = at(object, kind == "CronJob" ? "spec.jobTemplate.spec.template.metadata"
                                                     : "spec.template.metadata");
    const Value* hash = at(meta, "annotations").find(kHash);
    if (hash == nullptr) {
      look.found(object, std::string("template.metadata.annotations lacks ") + kHash +
                             ": pods would keep old settings");
    } else if (*hash != Value(fingerprint(*settings.source()))) {
      look.found(object, std::string("template.metadata.annotations: ") + kHash +
                             " is not that of the settings it mounts");
    }
  }
}

}  // namespace respring::manifests
