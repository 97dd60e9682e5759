// Whether policies let pods reach the servers that their settings name.
#include <algorithm>
#include <array>
#include <set>

#include "ops/manifests/check_reach.h"
#include "ops/manifests/check_settings.h"

namespace respring::manifests {
namespace {

using json::Value;

/// The value that says where a server is, by the beginning of its setting.
std::string value_for(const std::string& setting) {
  constexpr std::array<std::pair<std::string_view, const char*>, 6> kValues = {
      {{"stores.", "network.databases"},
       {"redis.", "network.redis"},
       {"bus", "network.kafka"},
       {"search", "network.search"},
       {"blobs", "network.blobs"},
       {"telemetry.", "network.tracing"}}};
  for (const auto& [start, value] : kValues) {
    if (setting.starts_with(start)) return value;
  }
  return "network";
}

/// The namespace in a name that a cluster's DNS resolves: `shard-0.mysql`,
/// `shard-0.mysql.svc.cluster.local`. Nothing when it may be a name of elsewhere, or is an address.
std::string namespace_in(const std::string& host) {
  if (host.find_first_not_of("0123456789.") == std::string::npos) return {};
  const auto first = host.find('.');
  if (first == std::string::npos || host.find(':') != std::string::npos) return {};
  const std::string rest = host.substr(first + 1);
  const std::string space = rest.substr(0, rest.find('.'));
  return rest == space || rest.starts_with(space + ".svc") ? space : std::string();
}

/// The bits of an IPv4 address; nothing when it is none.
std::optional<std::uint32_t> bits_of(const std::string& text) {
  std::uint32_t bits = 0;
  int parts = 0;
  for (std::size_t at = 0; at <= text.size(); ++parts) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    const int part = number_of(text.substr(at, end - at), -1);
    if (part < 0 || part > 255) return std::nullopt;
    bits = bits << 8 | static_cast<std::uint32_t>(part);
    at = end + 1;
  }
  return parts == 4 ? std::optional(bits) : std::nullopt;
}

/// Whether a host can be in a network; a name can be in any.
bool can_be_in(const std::string& host, const std::string& cidr) {
  const auto slash = std::min(cidr.find('/'), cidr.size());
  const auto address = bits_of(host);
  const auto network = bits_of(cidr.substr(0, slash));
  if (!address || !network) return true;
  const int size = slash == cidr.size() ? 32 : number_of(cidr.substr(slash + 1));
  return size == 0 || (*address ^ *network) >> (32 - std::min(size, 32)) == 0;
}

class Servers {
 public:
  explicit Servers(Look& look) : look_(look), policies_(look.objects()) {}

  void look() {
    std::set<std::string> seen;
    for (const Value& object : look_.objects()) {
      if (!runs_respring(look_, object) || text_at(object, "spec.replicas") == "0") continue;
      const MountedSettings settings(look_, *pod_of(object));
      named(object, settings);
      // Jobs differ in nothing that matters here.
      if (settings.source() != nullptr &&
          seen.insert(json::dump(pod_labels(object)) + *settings.source()).second)
        reached(object, settings);
    }
  }

 private:
  /// A role's settings name what it uses.
  void named(const Value& object, const MountedSettings& settings) {
    const RoleFacts* role = find_role(look_.facts(), component_of(object));
    if (role == nullptr) return;
    for (const std::string& used : role->uses) {
      // Blobs may be nowhere: only the archive needs a place for them.
      if (used != "blobs" && settings.find(used) == nullptr)
        look_.found(object, "its settings name no " + used + ", which the role uses");
    }
  }

  void reached(const Value& object, const MountedSettings& settings) {
    if (!policies_.restrict(Way::out, pod_labels(object))) return;
    const std::vector<ServerAddress> servers = settings.servers();
    for (const ServerAddress& server : servers) {
      if (reaches(object, server)) continue;
      look_.found(blamed(object), "spec.egress of " + component_of(object) + " does not reach " +
                                      server.setting + " at " + server.host + ":" +
                                      std::to_string(server.port) +
                                      "; say where it is: " + value_for(server.setting));
    }
    const auto rules = policies_.rules(Way::out, pod_labels(object));
    bool asks_names = false;
    for (const PolicyRule& rule : rules) {
      if (!rule.has({"", 53, "UDP"})) continue;
      asks_names = true;
      for (const Value& peer : rule.peers()) {
        const Value* spaces = peer.find("namespaceSelector");
        if (spaces != nullptr && spaces->as_object() != nullptr && spaces->as_object()->empty())
          look_.found(*rule.policy,
                      rule.where() + " lets it ask names of any namespace's pods, port 53");
      }
    }
    if (!asks_names && !servers.empty())
      look_.found(blamed(object),
                  "spec.egress of " + component_of(object) + " lets it ask no DNS, port 53");
  }

  /// The policy to change, or the pods when there is none of this name.
  const Value& blamed(const Value& object) {
    const Value* policy = look_.find("NetworkPolicy", "respring-" + component_of(object));
    return policy == nullptr ? object : *policy;
  }

  bool reaches(const Value& object, const ServerAddress& server) {
    if (const Value* service = look_.find("Service", server.host))
      return reaches_service(object, *service, server.port);
    const auto rules = policies_.rules(Way::out, pod_labels(object));
    return std::ranges::any_of(rules, [&](const PolicyRule& rule) {
      return rule.has({"", server.port}) && leads_to(rule, server.host);
    });
  }

  bool leads_to(const PolicyRule& rule, const std::string& host) {
    const std::string space = namespace_in(host);
    return rule.peers().empty() || std::ranges::any_of(rule.peers(), [&](const Value& peer) {
             const std::string cidr = text_at(peer, "ipBlock.cidr");
             if (!cidr.empty()) return can_be_in(host, cidr);
             return space.empty() || policies_.can_be_in(peer, space);
           });
  }

  /// A server among the objects must also let those in who use it.
  bool reaches_service(const Value& object, const Value& service, int port) {
    for (const Value& server : look_.objects()) {
      if (pod_of(server) == nullptr || !matches(at(service, "spec.selector"), pod_labels(server)))
        continue;
      const PortAt target = target_of(service, server, port);
      return policies_.allowing(Way::out, pod_labels(object), pod_labels(server), target) &&
             (!policies_.restrict(Way::in, pod_labels(server)) ||
              policies_.allowing(Way::in, pod_labels(server), pod_labels(object), target));
    }
    return true;  // the rule `selector` says so
  }

  static PortAt target_of(const Value& service, const Value& server, int port) {
    for (const Value& offered : items_at(service, "spec.ports")) {
      if (number_of(text_at(offered, "port")) != port) continue;
      const std::string target = text_at(offered, "targetPort");
      const bool named = target.find_first_not_of("0123456789") != std::string::npos;
      if (named) return port_named(server, target);
      return named_like(server, target.empty() ? port : number_of(target));
    }
    return {"", 0};
  }

  /// Policies may name the port as the container does.
  static PortAt named_like(const Value& server, int number) {
    for (const Value* container : containers_of(*pod_of(server))) {
      for (const Value& port : items_at(*container, "ports")) {
        if (number_of(text_at(port, "containerPort")) == number)
          return {text_at(port, "name"), number};
      }
    }
    return {"", number};
  }

  Look& look_;
  Policies policies_;
};

}  // namespace

void check_servers_reached(Look& look) { Servers(look).look(); }

}  // namespace respring::manifests
