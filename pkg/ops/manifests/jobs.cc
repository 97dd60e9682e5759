// What runs once: migrations with every rollout, and jobs that a person starts.
#include "ops/manifests/objects.h"
#include "ops/manifests/role_settings.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;

const Array& migrate_words() {
  static const Array kWords = {"migrate", "up"};
  return kWords;
}
const Array& topics_words() {
  static const Array kWords = {"events", "topics", "apply"};
  return kWords;
}

Object small_resources() {
  return {{"requests", Object{{"cpu", "100m"}, {"memory", "128Mi"}, {"ephemeral-storage", "64Mi"}}},
          {"limits", Object{{"memory", "512Mi"}, {"ephemeral-storage", "256Mi"}}}};
}

Object container(Object base, const std::string& name, Array words) {
  base[0].second = name;
  base.emplace_back("args", std::move(words));
  base.emplace_back("resources", small_resources());
  return base;
}

Object job(const Input& input, const std::string& name, Array first, std::vector<Array> then,
           bool suspended) {
  PodParts parts = pod_parts(input, operator_role(input.facts));
  Object spec = {{"serviceAccountName", "respring-operator"},
                 {"automountServiceAccountToken", false},
                 {"enableServiceLinks", false},
                 {"restartPolicy", "OnFailure"},
                 {"securityContext", parts.security}};
  // What comes before the last one runs to its end first.
  std::vector<Array> all = {std::move(first)};
  for (Array& words : then) all.push_back(std::move(words));
  Array before;
  for (std::size_t i = 0; i + 1 < all.size(); ++i)
    before.emplace_back(container(parts.container, "step-" + std::to_string(i + 1), all[i]));
  if (!before.empty()) spec.emplace_back("initContainers", std::move(before));
  spec.emplace_back("containers", Array{container(parts.container, "respring", all.back())});
  spec.emplace_back("volumes", std::move(parts.volumes));
  if (!input.values.image.pull_secret.empty())
    spec.emplace_back("imagePullSecrets", Array{Object{{"name", input.values.image.pull_secret}}});
  Object out = object(input, "batch/v1", "Job", name, "operator");
  Object body = {{"backoffLimit", 6}, {"ttlSecondsAfterFinished", 604'800}};
  if (suspended) body.emplace_back("suspend", true);
  body.emplace_back("template", Object{{"metadata", Object{{"labels", selector("operator")}}},
                                       {"spec", std::move(spec)}});
  out.emplace_back("spec", std::move(body));
  return out;
}

}  // namespace

void add_jobs(const Input& input, Objects& out) {
  const RoleFacts operators = operator_role(input.facts);
  out.push_back(role_config_map(input, operators));
  Object account = object(input, "v1", "ServiceAccount", name_of(operators), "operator");
  account.emplace_back("automountServiceAccountToken", false);
  out.emplace_back(std::move(account));
  // A Job cannot change: another version or configuration is another Job.
  const std::string hash =
      fingerprint(input.tag() + pod_parts(input, operators).settings_hash).substr(0, 8);
  out.emplace_back(
      job(input, "respring-migrate-" + hash, migrate_words(), {topics_words()}, false));
}

Objects operator_jobs(const Input& input) {
  return {
      job(input, "respring-move", {"shard", "move", "--slot", "0", "--to", "shard-1"}, {}, true),
      job(input, "respring-rebalance", {"shard", "rebalance", "--yes"}, {}, true)};
}

}  // namespace respring::manifests
