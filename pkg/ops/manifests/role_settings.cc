#include "ops/manifests/role_settings.h"

#include <algorithm>
#include <set>

namespace respring::manifests {
namespace {

using config::Effective;

/// Which server of a role's table entry a setting belongs to; empty: every role's business.
std::string server_of(const std::string& key) {
  if (key.starts_with("stores.shards.")) return "stores.shards";
  if (key.starts_with("stores.") || key.starts_with("redis.")) return key;
  if (key == "bus" || key == "bus_prefix") return "bus";
  if (key == "search") return key;
  if (key == "blobs" || key == "blobs_access_key") return "blobs";
  return {};
}

bool needs(const RoleFacts& role, const Effective& setting) {
  const std::string server = server_of(setting.key);
  return server.empty() || std::ranges::find(role.uses, server) != role.uses.end();
}

json::Value& member(json::Value& object, const std::string& name) {
  if (object.as_object() == nullptr) object = json::Object{};
  auto& members = *object.as_object();
  const auto at = std::ranges::find(members, name, &json::Member::first);
  if (at != members.end()) return at->second;
  return members.emplace_back(name, nullptr).second;
}

json::Value& item(json::Value& array, std::size_t index) {
  if (array.as_array() == nullptr) array = json::Array{};
  auto& items = *array.as_array();
  while (items.size() <= index) items.emplace_back(json::Object{});
  return items[index];
}

/// Puts a text where `a.b.0.c` says.
void put(json::Value& root, const std::string& key, const std::string& text) {
  json::Value* at = &root;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('.', begin), key.size());
    const std::string part = key.substr(begin, end - begin);
    const bool number = part.find_first_not_of("0123456789") == std::string::npos;
    at = number ? &item(*at, std::stoul(part)) : &member(*at, part);
    begin = end + 1;
  }
  *at = text;
}

std::string password_key(const std::string& server) {
  if (server == "blobs") return "blobs_secret_key_file";
  if (server.ends_with(".dsn")) return server.substr(0, server.size() - 4) + ".password_file";
  if (server.starts_with("redis.")) return "redis.password_file";
  return server + "_password_file";
}

/// What the secret of a server is called in its Secret.
std::string key_of(const std::string& server) {
  return server == "blobs" ? "secret_key" : "password";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

}  // namespace

json::Value settings_of(const Input& input, const RoleFacts& role, const Placement& placement) {
  json::Value out = json::Object{};
  put(out, "listen", placement.listen);
  put(out, "admin_listen", placement.admin_listen);
  put(out, "data_dir", placement.data_dir);
  put(out, "log.format", "json");
  const bool tls = !input.values.ingress.tls_secret.empty();
  if (input.values.ingress.enabled)
    put(out, "public_url", (tls ? "https://" : "http://") + input.values.ingress.host);
  if (role.faces_clients && !placement.proxies.empty())
    put(out, "trusted_proxies", joined(placement.proxies));
  for (const Effective& setting : input.settings.values) {
    if (input.given(setting) && needs(role, setting)) put(out, setting.key, setting.text);
  }
  for (const std::string& asked : role.asks)
    put(out, "peers." + asked, placement.address_of(asked));
  for (const std::string& server : servers_of(input, role)) {
    const std::string secret = secret_of(input, server);
    if (!secret.empty())
      put(out, password_key(server), placement.secret_folder + "/" + secret + "/" + key_of(server));
  }
  const SecretValues& secrets = input.values.secrets;
  put(out, "cluster.key_file", placement.secret_folder + "/" + secrets.cluster + "/key");
  if (!secrets.previous_cluster.empty()) {
    put(out, "cluster.previous_key_file",
        placement.secret_folder + "/" + secrets.previous_cluster + "/key");
  }
  return out;
}

std::vector<SecretFile> secrets_of(const Input& input, const RoleFacts& role) {
  std::set<SecretFile> found = {{input.values.secrets.cluster, "key"}};
  if (!input.values.secrets.previous_cluster.empty())
    found.insert({input.values.secrets.previous_cluster, "key"});
  for (const std::string& server : servers_of(input, role)) {
    const std::string secret = secret_of(input, server);
    if (!secret.empty()) found.insert({secret, key_of(server)});
  }
  return {found.begin(), found.end()};
}

std::map<std::string, std::vector<std::string>> keys_by_secret(
    const std::vector<SecretFile>& files) {
  std::map<std::string, std::vector<std::string>> out;
  for (const SecretFile& file : files) out[file.secret].push_back(file.key);
  return out;
}

RoleFacts operator_role(const BinaryFacts& facts) {
  RoleFacts all{"operator", {}, {}};
  std::set<std::string> uses;
  for (const RoleFacts& role : facts.roles) uses.insert(role.uses.begin(), role.uses.end());
  all.uses.assign(uses.begin(), uses.end());
  return all;
}

}  // namespace respring::manifests
