#pragma once

#include <string>

#include "respring/serve/role_set.h"
#include "respring/settings.h"

namespace respring::cmd {

/// What `serve` prints when it is ready: a line per role with address and backend.
std::string serve_banner(const Settings& settings, const RoleSet& roles, std::uint16_t port,
                         std::uint16_t admin_port);

/// Where to reach the public listener on this machine, given the port it really has.
std::string http_address(const config::Endpoint& endpoint, std::uint16_t port);

}  // namespace respring::cmd
