// Rules about who reaches whom, and how objects find each other.
#include <algorithm>

#include "ops/manifests/check.h"

namespace respring::manifests {
namespace {

using json::Value;

json::Value labels_of(const std::string& component) { return selector(component); }

/// Whether a rule's peers (`from` or `to`) choose pods of that component in this namespace.
bool names(const Value& rule, const char* side, const std::string& component) {
  return std::ranges::any_of(items_at(rule, side), [&](const Value& peer) {
    return peer.find("namespaceSelector") == nullptr &&
           matches(at(peer, "podSelector.matchLabels"), labels_of(component));
  });
}

bool has_port(const Value& rule, const std::string& name, std::uint16_t number) {
  return std::ranges::any_of(items_at(rule, "ports"), [&](const Value& port) {
    const std::string text = text_at(port, "port");
    return text == name || text == std::to_string(number);
  });
}

/// Whether the policy `of` lets its pods take (`ingress`/`from`) or open (`egress`/`to`)
/// connections with `other` on the public port.
bool allows(const Look& look, const Value* policy, const char* direction, const char* side,
            const std::string& other) {
  if (policy == nullptr) return false;
  const auto& all = items_at(*policy, std::string("spec.") + direction);
  return std::ranges::any_of(all, [&](const Value& rule) {
    return names(rule, side, other) && has_port(rule, "http", look.facts().port);
  });
}

bool deployed(const Look& look, const std::string& role) {
  return look.find("Deployment", "respring-" + role) != nullptr;
}

void check_edge(Look& look, const RoleFacts& from, const RoleFacts& to) {
  const bool wanted = std::ranges::find(from.asks, to.name) != from.asks.end();
  const Value* out = look.find("NetworkPolicy", name_of(from));
  const Value* in = look.find("NetworkPolicy", name_of(to));
  const std::string edge = from.name + " → " + to.name;
  if (out != nullptr && allows(look, out, "egress", "to", to.name) != wanted)
    look.found(*out, "spec.egress " + std::string(wanted ? "lacks" : "has") + " " + edge +
                         (wanted ? ", which the role needs" : ", which nobody needs"));
  if (in != nullptr && allows(look, in, "ingress", "from", from.name) != wanted)
    look.found(*in, "spec.ingress " + std::string(wanted ? "lacks" : "has") + " " + edge +
                        (wanted ? ", which the role needs" : ", which nobody needs"));
}

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

void check_edges(Look& look) {
  for (const RoleFacts& from : look.facts().roles) {
    for (const RoleFacts& to : look.facts().roles) {
      if (from.name != to.name && deployed(look, from.name) && deployed(look, to.name))
        check_edge(look, from, to);
    }
  }
}

void check_servers_reached(Look& look) {
  for (const RoleFacts& role : look.facts().roles) {
    const Value* deployment = look.find("Deployment", name_of(role));
    const Value* policy = look.find("NetworkPolicy", name_of(role));
    if (deployment == nullptr || policy == nullptr) continue;
    if (text_at(*deployment, "spec.replicas") == "0") continue;
    // One rule for DNS, one for the roles it asks, one for each kind of server.
    std::size_t kinds = 0;
    for (const char* prefix : {"stores.", "redis.", "bus", "search"}) {
      kinds += std::ranges::any_of(role.uses, [&](const auto& u) { return u.starts_with(prefix); })
                   ? 1
                   : 0;
    }
    const std::size_t wanted = 1 + (role.asks.empty() ? 0 : 1) + kinds;
    if (items_at(*policy, "spec.egress").size() < wanted)
      look.found(*policy,
                 "spec.egress reaches fewer servers than the role uses; say in the values where "
                 "they are (network.…)");
    for (const int port : bucket_ports(look, *pod_of(*deployment))) {
      const auto& rules = items_at(*policy, "spec.egress");
      if (std::ranges::none_of(rules, [&](const Value& r) {
            return has_port(r, "", static_cast<std::uint16_t>(port));
          }))
        look.found(*policy, "spec.egress does not reach the bucket of its blobs, port " +
                                std::to_string(port) + " (network.blobs)");
    }
  }
}

void check_ingress(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") != "Ingress") continue;
    const Value* idle =
        at(object, "metadata.annotations").find("nginx.ingress.kubernetes.io/proxy-read-timeout");
    const bool patient =
        idle != nullptr && idle->as_string() && number_of(*idle->as_string()) >= 60;
    if (!patient)
      look.found(
          object,
          "metadata.annotations: proxy-read-timeout is below 60 seconds, WebSockets would be cut");
    for (const Value& rule : items_at(object, "spec.rules")) {
      for (const Value& path : items_at(rule, "http.paths")) {
        const std::string service = text_at(path, "backend.service.name");
        if (look.find("Service", service) == nullptr)
          look.found(object, "spec.rules: there is no Service " + service);
      }
    }
  }
}

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
    const bool any = std::ranges::any_of(look.objects(), [&](const Value& other) {
      return pod_of(other) != nullptr &&
             matches(wanted, at(other, "spec.template.metadata.labels"));
    });
    if (!any) look.found(object, "spec.selector chooses no pod");
  }
}

void check_labels(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "Namespace") continue;
    for (const char* name : {"name", "instance", "version", "component", "part-of", "managed-by"}) {
      const std::string label = std::string("app.kubernetes.io/") + name;
      if (at(object, "metadata.labels").find(label) == nullptr)
        look.found(object, "metadata.labels lacks " + label);
    }
  }
}

}  // namespace respring::manifests
