#include "respring/serve/role_set.h"

#include <algorithm>

namespace respring::cmd {

RoleSet RoleSet::all() {
  RoleSet set;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) set.bits_ |= bit(static_cast<Role>(i));
  return set;
}

Result<RoleSet> RoleSet::parse(std::string_view list) {
  if (list == "all") return all();
  RoleSet set;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view name = list.substr(at, end - at);
    const auto found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
    if (found == kRoleNames.end()) {
      return invalid("unknown role '" + std::string(name) +
                     "'; the roles are gateway, user, room, message, search, notification, "
                     "websocket");
    }
    set.bits_ |= bit(static_cast<Role>(found - kRoleNames.begin()));
    at = end + 1;
  }
  return set;
}

bool RoleSet::has_any(std::initializer_list<Role> roles) const {
  return std::any_of(roles.begin(), roles.end(), [this](Role role) { return has(role); });
}

std::string RoleSet::str() const {
  if (is_all()) return "all";
  std::string text;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (!has(static_cast<Role>(i))) continue;
    if (!text.empty()) text += ',';
    text += kRoleNames[i];
  }
  return text;
}

}  // namespace respring::cmd
