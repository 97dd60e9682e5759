#include "ops/manifests/check.h"

#include <algorithm>
#include <array>

namespace respring::manifests {
namespace {

using json::Array;
using json::Value;

constexpr std::array kRules = {
    Rule{"restricted", "pods pass Kubernetes' restricted profile", check_restricted},
    Rule{"read-only-root", "containers of respring write to volumes only", check_read_only},
    Rule{"no-token", "no pod carries a ServiceAccount's token", check_tokens},
    Rule{"probes", "roles have probes on the admin port, at paths the binary answers",
         check_probes},
    Rule{"ports", "ports are those that the settings open, Services aim at them", check_ports},
    Rule{"service", "Services are reached from inside the cluster alone", check_services},
    Rule{"grace", "a pod leaves the Services first, and has time for that and to drain",
         check_grace},
    Rule{"resources", "every container says what it needs and its most memory", check_resources},
    Rule{"image", "images have a tag, and not 'latest'", check_images},
    Rule{"mounts", "ConfigMaps that are mounted exist, Secrets fit the settings", check_mounts},
    Rule{"names", "names fit and stand there once, mounts have a volume", check_names},
    Rule{"default-deny", "nothing may speak to anything unless a policy says so",
         check_default_deny},
    Rule{"network-edge", "roles reach exactly the roles they ask", check_edges},
    Rule{"network-server", "roles reach the servers that they use", check_servers_reached},
    Rule{"ingress", "the Ingress leads to the roles for clients and lets WebSockets be silent",
         check_ingress},
    Rule{"budget", "what has several pods keeps some while machines are emptied", check_budgets},
    Rule{"autoscaler",
         "autoscalers have bounds that make sense, own the count and let pods go slowly",
         check_autoscalers},
    Rule{"spread", "several pods of a role are on different machines and zones", check_spread},
    Rule{"rollout", "pods are replaced when their settings change", check_rollout},
    Rule{"job", "Jobs end, and do not repeat what was refused", check_jobs},
    Rule{"schedule", "what runs by the clock runs one at a time and leaves few traces",
         check_schedules},
    Rule{"selector", "selectors choose the pods of their own component", check_selectors},
    Rule{"labels", "objects carry the recommended labels", check_labels},
    Rule{"settings", "the binary accepts the settings it is given", check_settings},
    Rule{"command", "the binary accepts the commands it is given", check_commands},
    Rule{"secret", "no secret stands in a manifest", check_secrets},
    Rule{"metric", "metrics that are asked for exist", check_metrics},
    Rule{"scrape", "Prometheus finds the metrics of every role and is let at them", check_scrape},
};

const Value kNothing;
const Array kEmpty;

}  // namespace

std::span<const Rule> rules() { return kRules; }

std::vector<Finding> check(const Objects& objects, const BinaryFacts& facts, const Judges& judges) {
  std::vector<Finding> all;
  for (const Rule& rule : kRules) {
    Look look(objects, facts, judges);
    rule.look(look);
    std::ranges::move(look.take(rule.name), std::back_inserter(all));
  }
  return all;
}

const Value* Look::find(std::string_view kind, const std::string& name) const {
  const auto found = std::ranges::find_if(objects_, [&](const Value& object) {
    return text_at(object, "kind") == kind && text_at(object, "metadata.name") == name;
  });
  return found == objects_.end() ? nullptr : &*found;
}

void Look::found(const Value& object, std::string what) {
  Finding finding{{}, title_of(object), std::move(what)};
  const bool known = std::ranges::any_of(findings_, [&](const Finding& other) {
    return other.object == finding.object && other.what == finding.what;
  });
  if (!known) findings_.push_back(std::move(finding));
}

std::vector<Finding> Look::take(std::string_view rule) {
  for (Finding& finding : findings_) finding.rule = rule;
  return std::move(findings_);
}

const Value& at(const Value& value, std::string_view path) {
  const Value* here = &value;
  while (!path.empty() && here != nullptr) {
    const auto dot = std::min(path.find('.'), path.size());
    here = here->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return here == nullptr ? kNothing : *here;
}

std::string text_at(const Value& value, std::string_view path) {
  const Value& found = at(value, path);
  if (const std::string* text = found.as_string()) return *text;
  // As YAML would have it: rules see files and what was just rendered alike.
  return found.is_null() || found.as_object() || found.as_array() ? std::string()
                                                                  : json::dump(found);
}

const Array& items_at(const Value& value, std::string_view path) {
  const Array* found = at(value, path).as_array();
  return found == nullptr ? kEmpty : *found;
}

const Value* pod_of(const Value& object) {
  const std::string kind = text_at(object, "kind");
  for (const auto& [known, path] :
       {std::pair{"Deployment", "spec.template.spec"},
        std::pair{"StatefulSet", "spec.template.spec"},
        std::pair{"DaemonSet", "spec.template.spec"}, std::pair{"Job", "spec.template.spec"},
        std::pair{"CronJob", "spec.jobTemplate.spec.template.spec"}, std::pair{"Pod", "spec"}}) {
    if (kind == known) return &at(object, path);
  }
  return nullptr;
}

std::vector<const Value*> containers_of(const Value& pod) {
  std::vector<const Value*> out;
  for (const char* list : {"initContainers", "containers"}) {
    for (const Value& container : items_at(pod, list)) out.push_back(&container);
  }
  return out;
}

std::string component_of(const Value& object) {
  const Value* label = at(object, "metadata.labels").find("app.kubernetes.io/component");
  return label == nullptr || label->as_string() == nullptr ? std::string() : *label->as_string();
}

bool runs_respring(const Look& look, const Value& object) {
  const std::string component = component_of(object);
  return pod_of(object) != nullptr &&
         (component == "operator" || find_role(look.facts(), component) != nullptr);
}

bool matches(const Value& wanted, const Value& labels) {
  if (wanted.as_object() == nullptr || wanted.as_object()->empty()) return false;
  return std::ranges::all_of(*wanted.as_object(), [&](const json::Member& member) {
    const Value* value = labels.find(member.first);
    return value != nullptr && *value == member.second;
  });
}

}  // namespace respring::manifests
