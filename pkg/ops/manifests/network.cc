// Who may speak to whom: nobody, and then each edge that the role table has.
#include <algorithm>
#include <map>
#include <set>

#include "ops/manifests/objects.h"
#include "ops/manifests/role_settings.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;

Object pods(const std::string& component) {
  return {{"podSelector", Object{{"matchLabels", selector(component)}}}};
}

Object in_namespace(const std::string& name) {
  return {{"namespaceSelector",
           Object{{"matchLabels", Object{{"kubernetes.io/metadata.name", name}}}}}};
}

Object port(const char* protocol, json::Value number) {
  return {{"protocol", protocol}, {"port", std::move(number)}};
}

/// `namespace NAME` or a network.
Object place(const std::string& text) {
  constexpr std::string_view kNamespace = "namespace ";
  if (text.starts_with(kNamespace)) return in_namespace(text.substr(kNamespace.size()));
  return {{"ipBlock", Object{{"cidr", text}}}};
}

json::Value policy(const Input& input, const std::string& name, const std::string& component,
                   Object spec) {
  Object out = object(input, "networking.k8s.io/v1", "NetworkPolicy", name, component);
  out.emplace_back("spec", std::move(spec));
  return out;
}

Array both() { return {"Ingress", "Egress"}; }

/// Names are asked of the cluster's DNS; a pod elsewhere may call itself so, too.
Object to_dns() {
  Object dns = in_namespace("kube-system");
  dns.emplace_back("podSelector", Object{{"matchLabels", Object{{"k8s-app", "kube-dns"}}}});
  return {{"to", Array{std::move(dns)}}, {"ports", Array{port("UDP", 53), port("TCP", 53)}}};
}

/// One rule per kind of server, with every port of its addresses.
void add_servers_rules(const Input& input, const RoleFacts& role, Array& egress) {
  std::map<std::string, std::set<int>> ports;
  std::map<std::string, ServerKind> kinds;
  for (const std::string& server : servers_of(input, role)) {
    const ServerKind kind = server_kind(input, server);
    for (const int number : ports_of(input.setting(server))) ports[kind.component].insert(number);
    kinds.insert_or_assign(kind.component, kind);
  }
  for (const auto& [component, numbers] : ports) {
    Array to;
    const ServerKind& kind = kinds.at(component);
    if (input.values.servers.enabled && kind.for_development) to.emplace_back(pods(component));
    for (const std::string& text : *kind.places) to.emplace_back(place(text));
    if (to.empty()) continue;  // only in the base, which is for no cluster
    Array allowed;
    for (const int number : numbers) allowed.emplace_back(port("TCP", number));
    egress.emplace_back(Object{{"to", std::move(to)}, {"ports", std::move(allowed)}});
  }
}

void add_tracing(const Input& input, Array& egress) {
  const std::string collector = input.setting("telemetry.otlp_endpoint");
  if (collector.empty() || input.values.network.tracing.empty()) return;
  Array to;
  for (const std::string& text : input.values.network.tracing) to.emplace_back(place(text));
  Array allowed;
  for (const int number : ports_of(collector)) allowed.emplace_back(port("TCP", number));
  egress.emplace_back(Object{{"to", std::move(to)}, {"ports", std::move(allowed)}});
}

Array egress_of(const Input& input, const RoleFacts& role) {
  Array egress = {to_dns()};
  Array asked;
  for (const std::string& other : role.asks) asked.emplace_back(pods(other));
  if (!asked.empty()) {
    egress.emplace_back(Object{{"to", std::move(asked)}, {"ports", Array{port("TCP", "http")}}});
  }
  add_servers_rules(input, role, egress);
  add_tracing(input, egress);
  return egress;
}

Array ingress_of(const Input& input, const RoleFacts& role) {
  Array from;
  if (role.faces_clients && input.values.ingress.enabled)
    from.emplace_back(in_namespace(input.values.ingress.controller_namespace));
  for (const RoleFacts& other : input.facts.roles) {
    if (std::ranges::find(other.asks, role.name) != other.asks.end())
      from.emplace_back(pods(other.name));
  }
  Array ingress;
  if (!from.empty())
    ingress.emplace_back(Object{{"from", std::move(from)}, {"ports", Array{port("TCP", "http")}}});
  if (input.values.monitoring.enabled) {
    ingress.emplace_back(
        Object{{"from", Array{in_namespace(input.values.monitoring.prometheus_namespace)}},
               {"ports", Array{port("TCP", "admin")}}});
  }
  return ingress;
}

/// What a controller does not know it leaves alone; one's own word wins.
Object annotations_of(const IngressValues& values) {
  const std::string seconds = std::to_string(values.idle_seconds);
  std::map<std::string, std::string> all = {
      {"nginx.ingress.kubernetes.io/proxy-read-timeout", seconds},
      {"nginx.ingress.kubernetes.io/proxy-send-timeout", seconds},
      // Above what any route takes, whose own refusal explains itself.
      {"nginx.ingress.kubernetes.io/proxy-body-size", "1m"}};
  for (const std::string& text : values.annotations) {
    const auto mark = text.find('=');
    all[text.substr(0, mark)] = text.substr(mark + 1);
  }
  Object out;
  for (const auto& [name, value] : all) out.emplace_back(name, value);
  return out;
}

json::Value entrance(const Input& input) {
  const IngressValues& values = input.values.ingress;
  Object out = object(input, "networking.k8s.io/v1", "Ingress", "respring", "gateway");
  out[2].second.as_object()->emplace_back("annotations", annotations_of(values));
  Array paths;
  // Clients of live rooms go to their nodes directly, everything else through the gateway.
  for (const auto& [path, role] : {std::pair{"/v1/ws", "websocket"}, std::pair{"/", "gateway"}}) {
    paths.emplace_back(
        Object{{"path", path},
               {"pathType", "Prefix"},
               {"backend", Object{{"service", Object{{"name", std::string("respring-") + role},
                                                     {"port", Object{{"name", "http"}}}}}}}});
  }
  Object spec = {{"ingressClassName", values.ingress_class}};
  if (!values.tls_secret.empty()) {
    spec.emplace_back(
        "tls", Array{Object{{"hosts", Array{values.host}}, {"secretName", values.tls_secret}}});
  }
  spec.emplace_back(
      "rules", Array{Object{{"host", values.host}, {"http", Object{{"paths", std::move(paths)}}}}});
  out.emplace_back("spec", std::move(spec));
  return out;
}

}  // namespace

void add_network(const Input& input, Objects& out) {
  out.push_back(policy(input, "respring-deny", "network",
                       {{"podSelector", Object{}}, {"policyTypes", both()}}));
  const RoleFacts operators = operator_role(input.facts);
  for (const RoleFacts& role : input.facts.roles) {
    out.push_back(policy(input, name_of(role), role.name,
                         {{"podSelector", Object{{"matchLabels", selector(role.name)}}},
                          {"policyTypes", both()},
                          {"ingress", ingress_of(input, role)},
                          {"egress", egress_of(input, role)}}));
  }
  out.push_back(policy(input, "respring-operator", "operator",
                       {{"podSelector", Object{{"matchLabels", selector("operator")}}},
                        {"policyTypes", both()},
                        {"egress", egress_of(input, operators)}}));
  if (input.values.ingress.enabled) out.push_back(entrance(input));
}

}  // namespace respring::manifests
