// Ports: those that settings open, that containers name, that Services aim at and peers ask.
#include <algorithm>
#include <set>

#include "ops/manifests/check_reach.h"
#include "ops/manifests/check_settings.h"

namespace respring::manifests {
namespace {

using json::Value;

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("localhost:") ||
         address.starts_with("[::1]");
}

/// The container's ports are what the settings listen on.
void check_listeners(Look& look, const Value& object) {
  const MountedSettings settings(look, *pod_of(object));
  const BinaryFacts& facts = look.facts();
  struct Listener {
    const char* setting;
    const char* name;
    std::uint16_t fallback;
  };
  for (const auto& [setting, name, fallback] :
       {Listener{"listen", "http", facts.port},
        Listener{"admin_listen", "admin", facts.admin_port}}) {
    const int wanted = settings.port_of(setting, fallback);
    const int there = port_named(object, name).number;
    if (there != wanted)
      look.found(object, "containers.ports: " + std::string(name) + " is " + std::to_string(there) +
                             ", the settings' " + setting + " opens " + std::to_string(wanted));
    if (is_loopback(settings.text(setting)))
      look.found(object, "its settings' " + std::string(setting) + " is for the pod itself alone");
  }
}

const Value* service_port(const Value& service, int number) {
  for (const Value& port : items_at(service, "spec.ports")) {
    if (number_of(text_at(port, "port")) == number) return &port;
  }
  return nullptr;
}

/// What the settings say of other roles is a Service and a port of it.
void check_peers(Look& look, const Value& object) {
  for (const ServerAddress& peer : MountedSettings(look, *pod_of(object)).peers()) {
    if (peer.host.find('.') != std::string::npos) continue;  // somewhere else
    const Value* service = look.find("Service", peer.host);
    if (service == nullptr || service_port(*service, peer.port) == nullptr)
      look.found(object, "its settings' " + peer.setting + ": there is no Service " + peer.host +
                             " with port " + std::to_string(peer.port));
  }
}

void check_targets(Look& look, const Value& service, const Value& deployment) {
  const std::string number = std::to_string(port_named(deployment, "http").number);
  for (const Value& port : items_at(service, "spec.ports")) {
    std::string target = text_at(port, "targetPort");
    if (target.empty()) target = text_at(port, "port");
    if (target != "http" && target != number)
      look.found(service, "spec.ports: targetPort '" + target + "' is not http of " +
                              component_of(deployment));
  }
}

}  // namespace

void check_ports(Look& look) {
  for (const Value& object : look.objects()) {
    const std::string kind = text_at(object, "kind");
    const RoleFacts* role = find_role(look.facts(), component_of(object));
    if (role == nullptr) continue;
    if (kind == "Deployment") {
      check_listeners(look, object);
      check_peers(look, object);
    }
    const Value* deployment = look.find("Deployment", name_of(*role));
    if (kind == "Service" && deployment != nullptr) check_targets(look, object, *deployment);
  }
}

void check_services(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") != "Service") continue;
    const std::string type = text_at(object, "spec.type");
    if (!type.empty() && type != "ClusterIP")
      look.found(object, "spec.type is " + type + ": people come in by the Ingress alone");
    if (!items_at(object, "spec.externalIPs").empty())
      look.found(object, "spec.externalIPs: people come in by the Ingress alone");
  }
}

}  // namespace respring::manifests
