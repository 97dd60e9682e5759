// What runs once: migrations with every rollout, the archive by the clock, and jobs that a person
// starts.
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

Object resources_of(const std::string& cpu, const std::string& memory, const std::string& most) {
  return {{"requests", Object{{"cpu", cpu}, {"memory", memory}, {"ephemeral-storage", "64Mi"}}},
          {"limits", Object{{"memory", most}, {"ephemeral-storage", "256Mi"}}}};
}
Object small_resources() { return resources_of("100m", "128Mi", "512Mi"); }

Object container(Object base, const std::string& name, Array words, Object resources) {
  base[0].second = name;
  base.emplace_back("args", std::move(words));
  base.emplace_back("resources", std::move(resources));
  return base;
}

/// A pod that runs commands of operators one after the other, the last one as its container: what
/// comes before runs to its end first.
Object pod(const Input& input, std::vector<Array> commands, const Object& resources) {
  PodParts parts = pod_parts(input, operator_role(input.facts));
  Object spec = {{"serviceAccountName", "respring-operator"},
                 {"automountServiceAccountToken", false},
                 {"enableServiceLinks", false},
                 {"restartPolicy", "Never"},
                 {"securityContext", parts.security}};
  Array before;
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    before.emplace_back(
        container(parts.container, "step-" + std::to_string(i + 1), commands[i], resources));
  }
  if (!before.empty()) spec.emplace_back("initContainers", std::move(before));
  spec.emplace_back("containers",
                    Array{container(parts.container, "respring", commands.back(), resources)});
  spec.emplace_back("volumes", std::move(parts.volumes));
  if (!input.values.image.pull_secret.empty())
    spec.emplace_back("imagePullSecrets", Array{Object{{"name", input.values.image.pull_secret}}});
  return spec;
}

/// What another attempt cannot change ends the Job: refusals, wrong words, wrong settings. A
/// machine that is emptied is nobody's failure.
Object failures() {
  const Object final_codes = {{"operator", "In"}, {"values", Array{4, 64, 78}}};
  const Object disrupted = {{"type", "DisruptionTarget"}, {"status", "True"}};
  return {{"rules", Array{Object{{"action", "FailJob"}, {"onExitCodes", final_codes}},
                          Object{{"action", "Ignore"}, {"onPodConditions", Array{disrupted}}}}}};
}

/// How a Job is started and what becomes of it when it fails.
struct Running {
  bool suspended = true;  ///< until a person says so
  int attempts_more = 6;
  int most_seconds = 24 * 3600;
};
// A large table is rebuilt row by row.
constexpr Running kWithRollout{.suspended = false, .most_seconds = 6 * 3600};
// What a day's run has copied is kept, the next one goes on.
constexpr Running kByHand{};
// What was found is found again.
constexpr Running kQuestion{.attempts_more = 0};

Object job(const Input& input, const std::string& name, std::vector<Array> commands,
           const Running& running) {
  Object spec = pod(input, std::move(commands), small_resources());
  Object out = object(input, "batch/v1", "Job", name, "operator");
  Object body = {{"backoffLimit", running.attempts_more},
                 {"activeDeadlineSeconds", running.most_seconds},
                 {"podFailurePolicy", failures()},
                 {"ttlSecondsAfterFinished", 604'800}};
  if (running.suspended) body.emplace_back("suspend", true);
  body.emplace_back("template", Object{{"metadata", Object{{"labels", labels(input, "operator")}}},
                                       {"spec", std::move(spec)}});
  out.emplace_back("spec", std::move(body));
  return out;
}

/// One at a time; what a run could not finish the next one goes on with.
Object archive(const Input& input) {
  const ArchiveValues& values = input.values.archive;
  const std::string memory = memory_text(values.memory);
  const std::string hash = pod_parts(input, operator_role(input.facts)).settings_hash;
  Object spec = pod(input, {archive_words(values)},
                    resources_of(cpu_text(values.cpu_millis), memory, memory));
  Object once = {
      {"backoffLimit", 2},
      {"activeDeadlineSeconds", values.deadline_seconds},
      {"podFailurePolicy", failures()},
      {"template",
       Object{{"metadata", Object{{"labels", labels(input, "operator")},
                                  {"annotations", Object{{"respring/config-hash", hash}}}}},
              {"spec", std::move(spec)}}}};
  Object out = object(input, "batch/v1", "CronJob", "respring-archive", "operator");
  out.emplace_back(
      "spec",
      Object{{"schedule", values.schedule},
             {"timeZone", values.time_zone},
             {"concurrencyPolicy", "Forbid"},
             {"startingDeadlineSeconds", 3600},
             {"successfulJobsHistoryLimit", 3},
             {"failedJobsHistoryLimit", 3},
             {"jobTemplate", Object{{"metadata", Object{{"labels", labels(input, "operator")}}},
                                    {"spec", std::move(once)}}}});
  return out;
}

/// Where an example of a move goes: the last shard, usually the newest; empty with one alone.
std::string target_shard(const Input& input) {
  std::vector<std::string> names;
  for (const config::Effective& setting : input.settings.values) {
    if (setting.key.starts_with("stores.shards.") && setting.key.ends_with(".name"))
      names.push_back(setting.text);
  }
  return names.size() < 2 ? std::string() : names.back();
}

}  // namespace

Array archive_words(const ArchiveValues& values) {
  return {"archive", "run", "--older-than", values.older_than, "--yes"};
}

void add_jobs(const Input& input, Objects& out) {
  const RoleFacts operators = operator_role(input.facts);
  out.push_back(role_config_map(input, operators));
  Object account = object(input, "v1", "ServiceAccount", name_of(operators), "operator");
  account.emplace_back("automountServiceAccountToken", false);
  out.emplace_back(std::move(account));
  // A Job cannot change: whatever is different in it or in its configuration makes another one,
  // or `kubectl apply` ends at it.
  const auto migrate = [&](const std::string& name) {
    return job(input, name, {migrate_words(), topics_words()}, kWithRollout);
  };
  const std::string content = json::dump(migrate("").back().second);
  const std::string hash =
      fingerprint(content + pod_parts(input, operators).settings_hash).substr(0, 8);
  out.emplace_back(migrate("respring-migrate-" + hash));
  if (input.values.archive.enabled) out.emplace_back(archive(input));
}

Objects operator_jobs(const Input& input) {
  Objects out;
  const std::string shard = target_shard(input);
  if (!shard.empty()) {
    const Array words = {"shard", "move", "--slot", "0", "--to", shard};
    out.emplace_back(job(input, "respring-move", {words}, kByHand));
  }
  const Array words = {"shard", "rebalance", "--yes"};
  out.emplace_back(job(input, "respring-rebalance", {words}, kByHand));
  // A role's pod knows its own servers only and has no shell: here is what knows them all.
  const Array question = {"doctor"};
  out.emplace_back(job(input, "respring-doctor", {question}, kQuestion));
  return out;
}

}  // namespace respring::manifests
