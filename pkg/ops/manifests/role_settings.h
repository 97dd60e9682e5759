#pragma once

#include <map>

#include "base/json.h"
#include "ops/manifests/input.h"

namespace respring::manifests {

/// Where the processes of a platform are put: addresses and files that differ between a cluster and
/// plain machines.
struct Placement {
  std::string listen;
  std::string admin_listen;
  std::string data_dir;
  std::vector<std::string> proxies;  ///< who may say whom a request comes from
  std::string secret_folder;         ///< of Secret S: secret_folder/S/password, or another key
  std::function<std::string(const std::string& role)> address_of;
};

/// The respring.yaml of a role: what it needs and nothing else, so that a pod knows no database
/// that it does not use.
json::Value settings_of(const Input& input, const RoleFacts& role, const Placement& placement);

/// Secrets that those settings read, each once: name and the key in it.
struct SecretFile {
  std::string secret;
  std::string key;
  bool operator<(const SecretFile& other) const {
    return std::tie(secret, key) < std::tie(other.secret, other.key);
  }
};
std::vector<SecretFile> secrets_of(const Input& input, const RoleFacts& role);

/// The keys that are read of each Secret: one of them may hold several.
std::map<std::string, std::vector<std::string>> keys_by_secret(
    const std::vector<SecretFile>& files);

/// Commands of operators use every server.
RoleFacts operator_role(const BinaryFacts& facts);

}  // namespace respring::manifests
