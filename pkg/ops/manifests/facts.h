#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace respring::manifests {

/// What a role needs of others: the table by which `serve` refuses a configuration, told in names.
struct RoleFacts {
  std::string name;
  std::vector<std::string> asks;  ///< roles it calls
  /// Servers it uses, by the setting that names them: `stores.user`, `redis.pubsub`, `bus`.
  std::vector<std::string> uses;
  bool faces_clients = false;  ///< its public port is for clients
  bool keeps_sockets = false;  ///< it holds their live WebSockets
};

/// What the binary says of itself; manifests hold nothing about it that does not come from here.
struct BinaryFacts {
  std::string version;
  std::vector<RoleFacts> roles;
  std::uint16_t port = 0;        ///< of the public listener
  std::uint16_t admin_port = 0;  ///< of probes and metrics
  std::string live_path;
  std::string ready_path;
  std::string metrics_path;
  std::string websocket_path;
  /// Codes with which a command ends that would end so again: refused, misused, misconfigured.
  std::vector<int> final_exits;
  int drain_seconds = 0;  ///< unless the settings say otherwise
};

/// The role of that name, or nullptr.
const RoleFacts* find_role(const BinaryFacts& facts, const std::string& name);

}  // namespace respring::manifests
