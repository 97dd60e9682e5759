#include "ops/manifests/objects.h"

#include <xxhash.h>

#include "base/yaml.h"
#include "ops/manifests/role_settings.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;

constexpr std::string_view kSecretFolder = "/run/secrets/respring";
constexpr std::string_view kDataFolder = "/var/lib/respring";

std::string config_text(const Input& input, const RoleFacts& role) {
  const auto port_of = [](std::uint16_t port) { return ":" + std::to_string(port); };
  Placement placement;
  placement.listen = port_of(input.facts.port);
  placement.admin_listen = port_of(input.facts.admin_port);
  placement.data_dir = kDataFolder;
  placement.proxies = input.values.ingress.proxies;
  placement.secret_folder = kSecretFolder;
  placement.address_of = [&](const std::string& asked) {
    return "http://respring-" + asked + port_of(input.facts.port);
  };
  return to_yaml(settings_of(input, role, placement));
}

Object mount(std::string_view name, const std::string& path, bool read_only) {
  Object out = {{"name", std::string(name)}, {"mountPath", path}};
  if (read_only) out.emplace_back("readOnly", true);
  return out;
}

std::string image_of(const Input& input) {
  std::string out = input.values.image.name + ":" + input.tag();
  if (!input.values.image.digest.empty()) out += "@" + input.values.image.digest;
  return out;
}

/// A volume's name is a label: at most 63 characters.
std::string volume_of(const std::string& secret) {
  constexpr std::size_t kMost = 63;
  std::string name = "secret-" + secret;
  if (name.size() <= kMost) return name;
  const std::string mark = fingerprint(secret);
  name.resize(kMost - mark.size() - 1);
  return name.append("-").append(mark);
}

json::Value name_space(const Input& input) {
  Object labels = {{"app.kubernetes.io/part-of", "respring"},
                   {"kubernetes.io/metadata.name", input.values.name_space}};
  for (const char* mode : {"enforce", "warn", "audit"}) {
    labels.emplace_back(std::string("pod-security.kubernetes.io/") + mode, "restricted");
  }
  return Object{{"apiVersion", "v1"},
                {"kind", "Namespace"},
                {"metadata", Object{{"name", input.values.name_space}, {"labels", labels}}}};
}

}  // namespace

std::string name_of(const RoleFacts& role) { return "respring-" + role.name; }

Object selector(const std::string& component) {
  return {{"app.kubernetes.io/name", "respring"}, {"app.kubernetes.io/component", component}};
}

Object labels(const Input& input, const std::string& component) {
  Object out = selector(component);
  out.emplace_back("app.kubernetes.io/instance", "respring");
  out.emplace_back("app.kubernetes.io/version", input.tag());
  out.emplace_back("app.kubernetes.io/part-of", "respring");
  out.emplace_back("app.kubernetes.io/managed-by", "respring");
  return out;
}

Object object(const Input& input, std::string_view api, std::string_view kind,
              const std::string& name, const std::string& component) {
  return {{"apiVersion", std::string(api)},
          {"kind", std::string(kind)},
          {"metadata", Object{{"name", name}, {"labels", labels(input, component)}}}};
}

std::string fingerprint(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  XXH64_hash_t hash = XXH64(text.data(), text.size(), 0);
  std::string out(16, '0');
  for (std::size_t i = out.size(); i-- > 0; hash >>= 4) out[i] = kDigits[hash & 15];
  return out;
}

json::Value config_map(const Input& input, const std::string& name, const std::string& component,
                       const std::string& file, const std::string& text) {
  Object map = object(input, "v1", "ConfigMap", name, component);
  map.emplace_back("data", Object{{file, text}});
  return map;
}

json::Value role_config_map(const Input& input, const RoleFacts& role) {
  return config_map(input, name_of(role), role.name, "respring.yaml", config_text(input, role));
}

Object container_security(bool read_only) {
  return {{"allowPrivilegeEscalation", false},
          {"readOnlyRootFilesystem", read_only},
          {"capabilities", Object{{"drop", Array{"ALL"}}}}};
}

Array spread(const std::string& component) {
  Array out;
  for (const char* key : {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}) {
    out.emplace_back(Object{{"maxSkew", 1},
                            {"topologyKey", key},
                            {"whenUnsatisfiable", "ScheduleAnyway"},
                            {"labelSelector", Object{{"matchLabels", selector(component)}}}});
  }
  return out;
}

std::string cpu_text(int millis) { return std::to_string(millis) + "m"; }

std::string memory_text(const config::Bytes& bytes) {
  return std::to_string((bytes.count + (1 << 20) - 1) >> 20) + "Mi";
}

PodParts pod_parts(const Input& input, const RoleFacts& role) {
  PodParts parts;
  Array mounts = {mount("config", "/etc/respring", true),
                  mount("data", std::string(kDataFolder), false)};
  parts.volumes = {Object{{"name", "config"}, {"configMap", Object{{"name", name_of(role)}}}},
                   Object{{"name", "data"}, {"emptyDir", Object{{"sizeLimit", "64Mi"}}}}};
  for (const auto& [secret, keys] : keys_by_secret(secrets_of(input, role))) {
    Array items;
    for (const std::string& key : keys) items.emplace_back(Object{{"key", key}, {"path", key}});
    const std::string volume = volume_of(secret);
    mounts.emplace_back(mount(volume, std::string(kSecretFolder) + "/" + secret, true));
    parts.volumes.emplace_back(Object{
        {"name", volume},
        {"secret",
         Object{{"secretName", secret}, {"defaultMode", 0440}, {"items", std::move(items)}}}});
  }
  parts.container = {
      {"name", "respring"},
      {"image", image_of(input)},
      {"imagePullPolicy", input.values.image.pull_policy},
      {"env", Array{Object{{"name", "RESPRING_CONFIG"}, {"value", "/etc/respring/respring.yaml"}}}},
      {"volumeMounts", std::move(mounts)},
      {"securityContext", container_security()}};
  parts.security = {{"runAsNonRoot", true},
                    {"runAsUser", 10001},
                    {"runAsGroup", 10001},
                    {"fsGroup", 10001},
                    {"seccompProfile", Object{{"type", "RuntimeDefault"}}}};
  parts.settings_hash = fingerprint(config_text(input, role));
  return parts;
}

Objects objects_of(const Input& input) {
  Objects out = {name_space(input)};
  if (input.values.servers.enabled) add_servers(input, out);
  add_jobs(input, out);
  for (const RoleFacts& role : input.facts.roles) add_role(input, role, out);
  add_network(input, out);
  add_monitoring(input, out);
  return out;
}

}  // namespace respring::manifests
