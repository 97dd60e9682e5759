// Rules about the way in for people.
#include <algorithm>

#include "ops/manifests/check.h"

namespace respring::manifests {
namespace {

using json::Value;

constexpr int kShortestSilence = 60;

/// WebSockets may be silent for a while, in both directions.
void check_patience(Look& look, const Value& ingress) {
  for (const char* name : {"proxy-read-timeout", "proxy-send-timeout"}) {
    const Value* seconds = at(ingress, "metadata.annotations")
                               .find(std::string("nginx.ingress.kubernetes.io/") + name);
    const std::string text = seconds == nullptr ? "" : text_at(*seconds, "");
    if (number_of(text) < kShortestSilence)
      look.found(ingress, "metadata.annotations: " + std::string(name) +
                              " is missing or below 60 seconds, WebSockets would be cut");
  }
}

/// Another controller than nginx reads annotations of its own, or none at all.
void check_controller(Look& look, const Value& ingress) {
  constexpr std::string_view kNginx = "nginx.ingress.kubernetes.io/";
  const std::string name = text_at(ingress, "spec.ingressClassName");
  const auto* all = at(ingress, "metadata.annotations").as_object();
  const bool own = all != nullptr && std::ranges::any_of(*all, [&](const json::Member& one) {
                     return !one.first.starts_with(kNginx);
                   });
  if (name.find("nginx") == std::string::npos && !own)
    look.found(ingress, "metadata.annotations are all of nginx, the class is '" + name +
                            "': nothing tells it how long WebSockets may be silent");
}

bool offers(const Value& service, const Value& wanted) {
  const std::string name = text_at(wanted, "name");
  const std::string number = text_at(wanted, "number");
  const auto& ports = items_at(service, "spec.ports");
  return std::ranges::any_of(ports, [&](const Value& port) {
    return name.empty() ? text_at(port, "port") == number : text_at(port, "name") == name;
  });
}

/// The backend is a Service that is there, a port of it, and a role for clients.
void check_backend(Look& look, const Value& ingress, const Value& path) {
  const Value& backend = at(path, "backend.service");
  const std::string name = text_at(backend, "name");
  const std::string where = "spec.rules: " + text_at(path, "path") + ": ";
  const Value* service = look.find("Service", name);
  if (service == nullptr) return look.found(ingress, where + "there is no Service " + name);
  if (!offers(*service, at(backend, "port")))
    look.found(ingress, where + name + " has no port " + json::dump(at(backend, "port")));
  const RoleFacts* role = find_role(look.facts(), component_of(*service));
  if (role != nullptr && !role->faces_clients)
    look.found(ingress, where + name + " is not for clients");
  if (text_at(path, "pathType") != "Prefix") look.found(ingress, where + "pathType is not Prefix");
}

/// The Service that a path leads to: the longest prefix wins.
std::string backend_of(const std::vector<const Value*>& paths, const std::string& wanted) {
  std::size_t longest = 0;
  std::string service;
  for (const Value* path : paths) {
    std::string prefix = text_at(*path, "path");
    if (prefix.ends_with('/')) prefix.pop_back();
    const bool leads = wanted == prefix || wanted.starts_with(prefix + "/");
    if (!leads || (!service.empty() && prefix.size() < longest)) continue;
    longest = prefix.size();
    service = text_at(*path, "backend.service.name");
  }
  return service;
}

/// Live connections go to the role that keeps them, everything else to another for clients.
void check_ways(Look& look, const Value& ingress, const std::vector<const Value*>& paths) {
  for (const RoleFacts& role : look.facts().roles) {
    if (!role.faces_clients || look.find("Deployment", name_of(role)) == nullptr) continue;
    const std::string path = role.keeps_sockets ? look.facts().websocket_path : "/";
    if (backend_of(paths, path) != name_of(role))
      look.found(ingress, "spec.rules: " + path + " does not lead to " + name_of(role));
  }
}

}  // namespace

void check_ingress(Look& look) {
  const Value* first = nullptr;
  std::vector<const Value*> paths;
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") != "Ingress") continue;
    if (first == nullptr) first = &object;
    check_patience(look, object);
    check_controller(look, object);
    for (const Value& rule : items_at(object, "spec.rules")) {
      for (const Value& path : items_at(rule, "http.paths")) {
        check_backend(look, object, path);
        paths.push_back(&path);
      }
    }
  }
  if (first != nullptr) check_ways(look, *first, paths);
}

}  // namespace respring::manifests
