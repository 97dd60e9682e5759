#pragma once

#include <string_view>
#include <vector>

#include "respring/serve/role_set.h"

namespace respring::cmd {

/// What a role needs of others. `serve` refuses a configuration by it, and manifests derive their
/// network policies, settings and Secrets from it.
struct RoleRow {
  Role role;
  std::vector<Role> asks;      ///< roles it cannot work without
  std::vector<Role> hands_on;  ///< roles to which it only passes connections
  /// The servers that Platform::open opens for it, by the settings that name them.
  std::vector<std::string_view> uses;
  bool faces_clients = false;
};

/// One row for each role, in the order of kRoleNames.
const std::vector<RoleRow>& role_table();
inline const RoleRow& row_of(Role role) { return role_table()[static_cast<std::size_t>(role)]; }

}  // namespace respring::cmd
