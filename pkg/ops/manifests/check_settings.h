#pragma once

#include "config/yaml_tree.h"
#include "ops/manifests/check.h"

namespace respring::manifests {

/// A server that settings name: one host of an address.
struct ServerAddress {
  std::string setting;  ///< `stores.shards.0.dsn`
  std::string host;
  int port = 0;
};

/// The respring.yaml that a pod mounts, read. Without one, or when it is no YAML (the rule
/// `settings` says so), nothing is found in it.
class MountedSettings {
 public:
  MountedSettings(const Look& look, const json::Value& pod);

  /// As it stands in the ConfigMap, or nullptr.
  const std::string* source() const { return source_; }
  /// `shutdown.drain_seconds`; nullptr when it is not there.
  const config::Tree* find(std::string_view key) const;
  std::string text(std::string_view key) const;
  /// Every server: whatever is an address, but for roles and what people see.
  std::vector<ServerAddress> servers() const;
  /// The other roles, by `peers.ROLE`.
  std::vector<ServerAddress> peers() const;
  std::vector<std::string> shards() const;
  /// The port of `listen` or `admin_listen`, or the fallback.
  int port_of(std::string_view key, int fallback) const;

 private:
  const std::string* source_ = nullptr;
  config::Tree tree_;
};

}  // namespace respring::manifests
