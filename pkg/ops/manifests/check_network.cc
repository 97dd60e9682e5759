// Rules about who reaches whom, and how objects find each other.
#include <algorithm>
#include <set>

#include "ops/manifests/check_reach.h"

namespace respring::manifests {
namespace {

using json::Value;

/// Every pod that may speak, by its labels, each once.
std::vector<const Value*> speakers(const Look& look) {
  std::vector<const Value*> out;
  std::set<std::string> seen;
  for (const Value& object : look.objects()) {
    if (pod_of(object) != nullptr && seen.insert(json::dump(pod_labels(object))).second)
      out.push_back(&object);
  }
  return out;
}

/// Holds what policies allow together against the table of roles.
class Edges {
 public:
  explicit Edges(Look& look) : look_(look), policies_(look.objects()), speakers_(speakers(look)) {}

  void look() {
    for (const Value* from : speakers_) {
      if (runs_respring(look_, *from)) one_way(*from, Way::out);
    }
    for (const RoleFacts& role : look_.facts().roles) {
      const Value* to = look_.find("Deployment", name_of(role));
      if (to == nullptr) continue;
      one_way(*to, Way::in);
      if (!role.faces_clients) insiders_only(*to, role);
    }
  }

 private:
  bool asks(const std::string& from, const std::string& to) const {
    const RoleFacts* role = find_role(look_.facts(), from);
    return role != nullptr && std::ranges::find(role->asks, to) != role->asks.end();
  }

  PortAt public_port(const Value& workload) const {
    PortAt port = port_named(workload, "http");
    if (port.number == 0) port.number = look_.facts().port;
    return port;
  }

  /// Every edge of a pod in one direction.
  void one_way(const Value& own, Way way) {
    if (!policies_.restrict(way, pod_labels(own))) return;  // the rule `default-deny` says so
    if (everybody(own, way)) return;
    for (const Value* other : speakers_) {
      const Value& from = way == Way::in ? *other : own;
      const Value& to = way == Way::in ? own : *other;
      const RoleFacts* asked = find_role(look_.facts(), component_of(to));
      if (asked != nullptr && text_at(to, "kind") == "Deployment" &&
          component_of(from) != component_of(to))
        edge(own, way, from, to);
    }
  }

  /// Says which rules leave nobody out.
  bool everybody(const Value& own, Way way) {
    bool any = false;
    for (const PolicyRule& rule : policies_.rules(way, pod_labels(own))) {
      if (rule.is_for_some()) continue;
      any = true;
      const std::string who = component_of(own);
      look_.found(*rule.policy,
                  rule.where() + (way == Way::in ? " lets everybody reach " + who
                                                 : " lets " + who + " reach everybody"));
    }
    return any;
  }

  void edge(const Value& own, Way way, const Value& from, const Value& to) {
    const bool wanted = asks(component_of(from), component_of(to));
    const Value& other = way == Way::in ? from : to;
    const auto rule = policies_.allowing(way, pod_labels(own), pod_labels(other), public_port(to));
    const std::string edge = component_of(from) + " → " + component_of(to);
    if (rule && !wanted)
      look_.found(*rule->policy, rule->where() + " has " + edge + ", which nobody needs");
    if (rule || !wanted) return;
    const Value* policy = look_.find("NetworkPolicy", text_at(own, "metadata.name"));
    const std::string list = way == Way::in ? "spec.ingress" : "spec.egress";
    look_.found(policy == nullptr ? own : *policy,
                list + " lacks " + edge + ", which the role needs");
  }

  /// A role that clients do not ask is asked by pods of this namespace, and no others.
  void insiders_only(const Value& own, const RoleFacts& role) {
    for (const PolicyRule& rule : policies_.rules(Way::in, pod_labels(own))) {
      if (!rule.is_for_some() || !rule.has(public_port(own))) continue;
      for (const Value& peer : rule.peers()) {
        const bool known = std::ranges::any_of(look_.facts().roles, [&](const RoleFacts& asking) {
          return asks(asking.name, role.name) && policies_.includes(peer, selector(asking.name));
        });
        if (!known || peer.find("namespaceSelector") != nullptr || peer.find("ipBlock") != nullptr)
          look_.found(*rule.policy, rule.where() + " lets strangers reach " + role.name + ": " +
                                        json::dump(peer));
      }
    }
  }

  Look& look_;
  Policies policies_;
  std::vector<const Value*> speakers_;
};

}  // namespace

void check_default_deny(Look& look) {
  const Value* first = nullptr;
  bool denied = false;
  for (const Value& object : look.objects()) {
    if (pod_of(object) != nullptr && first == nullptr) first = &object;
    if (text_at(object, "kind") != "NetworkPolicy") continue;
    const Value* chosen = at(object, "spec").find("podSelector");
    const bool all = chosen != nullptr && chosen->as_object() && chosen->as_object()->empty();
    denied = denied ||
             (all && items_at(object, "spec.policyTypes").size() == 2 &&
              items_at(object, "spec.ingress").empty() && items_at(object, "spec.egress").empty());
  }
  if (first != nullptr && !denied)
    look.found(*first, "no NetworkPolicy denies what is not allowed, in both directions");
  for (const RoleFacts& role : look.facts().roles) {
    const Value* deployment = look.find("Deployment", name_of(role));
    if (deployment != nullptr && look.find("NetworkPolicy", name_of(role)) == nullptr)
      look.found(*deployment, "has no NetworkPolicy of its own");
  }
}

void check_edges(Look& look) { Edges(look).look(); }

void check_selectors(Look& look) {
  for (const Value& object : look.objects()) {
    const std::string kind = text_at(object, "kind");
    if (kind == "Deployment" || kind == "StatefulSet") {
      if (!matches(at(object, "spec.selector.matchLabels"),
                   at(object, "spec.template.metadata.labels")))
        look.found(object, "spec.selector does not choose its own pods");
      continue;
    }
    if (kind != "Service" && kind != "PodDisruptionBudget") continue;
    const Value& wanted =
        at(object, kind == "Service" ? "spec.selector" : "spec.selector.matchLabels");
    bool any = false;
    for (const Value& other : look.objects()) {
      if (pod_of(other) == nullptr || !matches(wanted, pod_labels(other))) continue;
      any = true;
      if (component_of(other) != component_of(object))
        look.found(object, "spec.selector chooses pods of " + component_of(other));
    }
    if (!any) look.found(object, "spec.selector chooses no pod");
  }
}

namespace {

void check_recommended(Look& look, const Value& object, const Value& labels,
                       const std::string& where) {
  for (const char* name : {"name", "instance", "version", "component", "part-of", "managed-by"}) {
    const std::string label = std::string("app.kubernetes.io/") + name;
    if (labels.find(label) == nullptr) look.found(object, where + " lacks " + label);
  }
}

}  // namespace

void check_labels(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "Namespace") continue;
    check_recommended(look, object, at(object, "metadata.labels"), "metadata.labels");
    if (pod_of(object) != nullptr)
      check_recommended(look, object, pod_labels(object), "template.metadata.labels");
  }
}

}  // namespace respring::manifests
