// What respring.yaml says, and the rules about it and about the files it names.
#include "ops/manifests/check_settings.h"

#include <algorithm>
#include <set>

namespace respring::manifests {
namespace {

using config::Tree;
using json::Value;

constexpr std::string_view kPeers = "peers.";

const std::string* settings_text(const Look& look, const Value& pod) {
  for (const Value& volume : items_at(pod, "volumes")) {
    const Value* map = look.find("ConfigMap", text_at(volume, "configMap.name"));
    const Value* text = map == nullptr ? nullptr : at(*map, "data").find("respring.yaml");
    if (text != nullptr) return text->as_string();
  }
  return nullptr;
}

const Tree* member(const Tree& tree, std::string_view name) {
  const auto at =
      std::ranges::find_if(tree.members, [&](const auto& m) { return m.first == name; });
  return at == tree.members.end() ? nullptr : &at->second;
}

/// Each text with its key: `stores.shards.0.dsn`.
void each_text(const Tree& tree, const std::string& key,
               const std::function<void(const std::string&, const std::string&)>& body) {
  if (tree.kind == Tree::Kind::text) body(key, tree.text);
  const std::string outer = key.empty() ? "" : key + ".";
  for (std::size_t i = 0; i < tree.items.size(); ++i)
    each_text(tree.items[i], outer + std::to_string(i), body);
  for (const auto& [name, inner] : tree.members) each_text(inner, outer + name, body);
}

/// The hosts of `mysql://u@h:3307/d`, `kafka://a:9092,b:9092`,
/// `s3://bucket?endpoint=http://h:8333`; a bucket without an endpoint is Amazon's.
std::vector<ServerAddress> hosts_of(const std::string& setting, std::string url) {
  constexpr std::string_view kEndpoint = "endpoint=";
  const auto endpoint = url.find(kEndpoint);
  if (endpoint != std::string::npos) url = url.substr(endpoint + kEndpoint.size());
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  const std::string start = url.substr(0, scheme + 3);
  std::string hosts = url.substr(start.size());
  hosts = hosts.substr(0, hosts.find_first_of("/?&"));
  hosts = hosts.substr(hosts.rfind('@') + 1);  // npos + 1 is 0
  if (start == "s3://") hosts = "amazonaws.com";
  std::vector<ServerAddress> out;
  for (std::size_t at = 0; at <= hosts.size();) {
    const std::size_t end = std::min(hosts.find(',', at), hosts.size());
    std::string host = hosts.substr(at, end - at);
    at = end + 1;
    const std::vector<int> ports = ports_of(start == "s3://" ? "https://" + host : start + host);
    const auto colon = host.rfind(':');
    if (colon != std::string::npos && host.find(']', colon) == std::string::npos)
      host = host.substr(0, colon);
    out.push_back({setting, host, ports.empty() ? 0 : ports.front()});
  }
  return out;
}

constexpr std::string_view kSecretFolder = "/run/secrets/respring/";

/// Files below the folder of Secrets that the settings read: SECRET/KEY.
std::set<std::string> secret_files(const Tree& tree) {
  std::set<std::string> out;
  each_text(tree, "", [&](const std::string&, const std::string& text) {
    if (text.starts_with(kSecretFolder)) out.insert(text.substr(kSecretFolder.size()));
  });
  return out;
}

/// SECRET/KEY of every Secret the pod has.
std::set<std::string> secrets_of_pod(const Value& pod) {
  std::set<std::string> out;
  for (const Value& volume : items_at(pod, "volumes")) {
    for (const Value& item : items_at(volume, "secret.items"))
      out.insert(text_at(volume, "secret.secretName") + "/" + text_at(item, "path"));
  }
  return out;
}

/// Files that a container finds: of Secrets with `items`, and of ConfigMaps.
std::set<std::string> files_of(const Look& look, const Value& pod, const Value& container) {
  std::set<std::string> out;
  for (const Value& mount : items_at(container, "volumeMounts")) {
    const std::string folder = text_at(mount, "mountPath") + "/";
    for (const Value& volume : items_at(pod, "volumes")) {
      if (text_at(volume, "name") != text_at(mount, "name")) continue;
      for (const Value& item : items_at(volume, "secret.items"))
        out.insert(folder + text_at(item, "path"));
      const Value* map = look.find("ConfigMap", text_at(volume, "configMap.name"));
      if (map == nullptr || at(*map, "data").as_object() == nullptr) continue;
      for (const auto& [file, text] : *at(*map, "data").as_object()) out.insert(folder + file);
    }
  }
  return out;
}

/// The settings' file that a container is told of, and the files those name, are in it.
void check_files(Look& look, const Value& object, const std::set<std::string>& secrets) {
  const Value& pod = *pod_of(object);
  for (const Value* container : containers_of(pod)) {
    const std::string who = "containers[" + text_at(*container, "name") + "]";
    const std::set<std::string> files = files_of(look, pod, *container);
    std::string settings;
    for (const Value& variable : items_at(*container, "env")) {
      if (text_at(variable, "name") == "RESPRING_CONFIG") settings = text_at(variable, "value");
    }
    if (!files.contains(settings))
      look.found(object,
                 who + ".env: RESPRING_CONFIG '" + settings + "' is no file of a ConfigMap");
    for (const std::string& secret : secrets) {
      if (!files.contains(std::string(kSecretFolder) + secret))
        look.found(object, who + ".volumeMounts: the settings read " + secret +
                               ", which is not mounted there");
    }
  }
}

}  // namespace

MountedSettings::MountedSettings(const Look& look, const Value& pod)
    : source_(settings_text(look, pod)) {
  auto tree = config::parse_yaml(source_ == nullptr ? "" : *source_, "respring.yaml");
  if (tree) tree_ = std::move(tree).value();
}

const Tree* MountedSettings::find(std::string_view key) const {
  const Tree* here = &tree_;
  while (here != nullptr && !key.empty()) {
    const auto dot = std::min(key.find('.'), key.size());
    here = member(*here, key.substr(0, dot));
    key.remove_prefix(std::min(dot + 1, key.size()));
  }
  return here;
}

std::string MountedSettings::text(std::string_view key) const {
  const Tree* found = find(key);
  return found == nullptr ? std::string() : found->text;
}

std::vector<ServerAddress> MountedSettings::servers() const {
  std::vector<ServerAddress> out;
  each_text(tree_, "", [&](const std::string& key, const std::string& text) {
    if (key == "public_url" || key.starts_with(kPeers)) return;
    for (ServerAddress& server : hosts_of(key, text)) out.push_back(std::move(server));
  });
  return out;
}

std::vector<ServerAddress> MountedSettings::peers() const {
  std::vector<ServerAddress> out;
  each_text(tree_, "", [&](const std::string& key, const std::string& text) {
    if (!key.starts_with(kPeers)) return;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      for (ServerAddress& one : hosts_of(key, text.substr(at, end - at)))
        out.push_back(std::move(one));
      at = end + 1;
    }
  });
  return out;
}

std::vector<std::string> MountedSettings::shards() const {
  std::vector<std::string> out;
  const Tree* list = find("stores.shards");
  if (list == nullptr) return out;
  for (const Tree& shard : list->items) {
    const Tree* name = member(shard, "name");
    if (name != nullptr) out.push_back(name->text);
  }
  return out;
}

int MountedSettings::port_of(std::string_view key, int fallback) const {
  const std::string address = text(key);
  const auto colon = address.rfind(':');
  return colon == std::string::npos ? fallback : number_of(address.substr(colon + 1), fallback);
}

void check_mounts(Look& look) {
  for (const Value& object : look.objects()) {
    const Value* pod = pod_of(object);
    if (pod == nullptr) continue;
    for (const Value& volume : items_at(*pod, "volumes")) {
      const std::string map = text_at(volume, "configMap.name");
      if (!map.empty() && look.find("ConfigMap", map) == nullptr)
        look.found(object, "volumes: there is no ConfigMap " + map);
    }
    if (!runs_respring(look, object)) continue;
    const MountedSettings settings(look, *pod);
    const std::set<std::string> wanted = secret_files(*settings.find(""));
    const std::set<std::string> mounted = secrets_of_pod(*pod);
    for (const std::string& file : wanted) {
      if (!mounted.contains(file))
        look.found(object, "volumes: the settings read " + file + ", which is of no volume");
    }
    check_files(look, object, wanted);
    for (const std::string& file : mounted) {
      if (!wanted.contains(file))
        look.found(object, "volumes: " + file + " is mounted and no setting reads it");
    }
  }
}

void check_settings(Look& look) {
  for (const Value& object : look.objects()) {
    const Value* text = at(object, "data").find("respring.yaml");
    if (text_at(object, "kind") != "ConfigMap" || text == nullptr || !text->as_string()) continue;
    if (const auto wrong = look.judges().settings(*text->as_string()))
      look.found(object, "data.respring.yaml: " + *wrong);
  }
}

}  // namespace respring::manifests
