#include "ops/manifests/check_reach.h"

#include <algorithm>

namespace respring::manifests {
namespace {

using json::Array;
using json::Value;

constexpr const char* kNamespaceName = "kubernetes.io/metadata.name";

const char* list_of(Way way) { return way == Way::in ? "spec.ingress" : "spec.egress"; }

/// The member, unless it is not there or null: that is the same to Kubernetes.
const Value* given(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

/// What a policy says about a direction it does not name: incoming always, outgoing if it has
/// rules for it.
bool speaks_of(const Value& policy, Way way) {
  const Array& types = items_at(policy, "spec.policyTypes");
  if (types.empty()) return way == Way::in || given(at(policy, "spec"), "egress") != nullptr;
  return std::ranges::find(types, Value(way == Way::in ? "Ingress" : "Egress")) != types.end();
}

bool fits(const Value& expression, const Value& labels) {
  const Value* label = labels.find(text_at(expression, "key"));
  const std::string how = text_at(expression, "operator");
  const Array& values = items_at(expression, "values");
  const bool among = label != nullptr && std::ranges::find(values, *label) != values.end();
  if (how == "In") return among;
  if (how == "NotIn") return !among;
  if (how == "Exists") return label != nullptr;
  return how == "DoesNotExist" && label == nullptr;
}

bool is_empty(const Value& selector) {
  const Value* labels = given(selector, "matchLabels");
  return (labels == nullptr || labels->as_object() == nullptr || labels->as_object()->empty()) &&
         items_at(selector, "matchExpressions").empty();
}

bool is_everybody(const Value& peer) {
  if (given(peer, "ipBlock") != nullptr) return false;
  const Value* pods = given(peer, "podSelector");
  const Value* spaces = given(peer, "namespaceSelector");
  return (pods == nullptr || is_empty(*pods)) && (spaces == nullptr || is_empty(*spaces));
}

bool port_fits(const Value& allowed, const PortAt& port) {
  const std::string protocol = text_at(allowed, "protocol");
  if ((protocol.empty() ? "TCP" : protocol) != port.protocol) return false;
  const std::string text = text_at(allowed, "port");
  if (text.empty() || (!port.name.empty() && text == port.name)) return true;
  const int first = number_of(text, -1);
  const int last = number_of(text_at(allowed, "endPort"), first);
  return first >= 0 && first <= port.number && port.number <= last;
}

}  // namespace

bool chooses(const Value& selector, const Value& labels) {
  const Value* wanted = given(selector, "matchLabels");
  const bool all = wanted == nullptr || wanted->as_object() == nullptr ||
                   wanted->as_object()->empty() || matches(*wanted, labels);
  const Array& expressions = items_at(selector, "matchExpressions");
  return all && std::ranges::all_of(expressions, [&](const Value& e) { return fits(e, labels); });
}

const Value& pod_labels(const Value& workload) {
  const bool by_clock = text_at(workload, "kind") == "CronJob";
  if (text_at(workload, "kind") == "Pod") return at(workload, "metadata.labels");
  return at(workload, by_clock ? "spec.jobTemplate.spec.template.metadata.labels"
                               : "spec.template.metadata.labels");
}

PortAt port_named(const Value& workload, const std::string& name) {
  for (const Value* container : containers_of(*pod_of(workload))) {
    for (const Value& port : items_at(*container, "ports")) {
      if (text_at(port, "name") == name) return {name, number_of(text_at(port, "containerPort"))};
    }
  }
  return {name, 0};
}

std::string PolicyRule::where() const {
  return std::string(list_of(way)) + "[" + std::to_string(index) + "]";
}

const Array& PolicyRule::peers() const { return items_at(*rule, way == Way::in ? "from" : "to"); }

bool PolicyRule::has(const PortAt& port) const {
  const Array& ports = items_at(*rule, "ports");
  return ports.empty() ||
         std::ranges::any_of(ports, [&](const Value& allowed) { return port_fits(allowed, port); });
}

bool PolicyRule::is_for_some() const {
  return !peers().empty() && std::ranges::none_of(peers(), is_everybody);
}

Policies::Policies(const Objects& objects) {
  json::Object labels;
  for (const Value& object : objects) {
    const std::string kind = text_at(object, "kind");
    if (kind == "NetworkPolicy") policies_.push_back(&object);
    if (namespace_.empty()) namespace_ = text_at(object, "metadata.namespace");
    if (kind != "Namespace") continue;
    namespace_ = text_at(object, "metadata.name");
    if (const auto* own = at(object, "metadata.labels").as_object()) labels = *own;
  }
  std::erase_if(labels, [](const auto& label) { return label.first == kNamespaceName; });
  labels.emplace_back(kNamespaceName, namespace_);
  namespace_labels_ = std::move(labels);
}

std::vector<const Value*> Policies::choosing(Way way, const Value& labels) const {
  std::vector<const Value*> out;
  for (const Value* policy : policies_) {
    if (speaks_of(*policy, way) && chooses(at(*policy, "spec.podSelector"), labels))
      out.push_back(policy);
  }
  return out;
}

bool Policies::restrict(Way way, const Value& labels) const {
  return !choosing(way, labels).empty();
}

std::vector<PolicyRule> Policies::rules(Way way, const Value& labels) const {
  std::vector<PolicyRule> out;
  for (const Value* policy : choosing(way, labels)) {
    std::size_t index = 0;
    for (const Value& rule : items_at(*policy, list_of(way)))
      out.push_back({policy, &rule, way, index++});
  }
  return out;
}

std::optional<PolicyRule> Policies::allowing(Way way, const Value& labels, const Value& other,
                                             const PortAt& port) const {
  for (const PolicyRule& rule : rules(way, labels)) {
    const bool peer =
        rule.peers().empty() || std::ranges::any_of(rule.peers(), [&](const Value& candidate) {
          return includes(candidate, other);
        });
    if (peer && rule.has(port)) return rule;
  }
  return std::nullopt;
}

bool Policies::includes(const Value& peer, const Value& labels) const {
  if (given(peer, "ipBlock") != nullptr) return text_at(peer, "ipBlock.cidr").ends_with("/0");
  const Value* pods = given(peer, "podSelector");
  const Value* spaces = given(peer, "namespaceSelector");
  return (spaces == nullptr || chooses(*spaces, namespace_labels_)) &&
         (pods == nullptr || chooses(*pods, labels));
}

bool Policies::can_be_in(const Value& peer, const std::string& name) const {
  const Value* spaces = given(peer, "namespaceSelector");
  if (spaces == nullptr) return name == namespace_;
  const Value* wanted = at(*spaces, "matchLabels").find(kNamespaceName);
  // What else a namespace is labelled with is not known here.
  return wanted == nullptr || *wanted == Value(name);
}

}  // namespace respring::manifests
