#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/values.h"

namespace respring::cmd {

/// `http://host:port`, several with commas; nothing when one of them is no such address. Peers
/// speak HTTP inside their own network.
std::optional<std::vector<config::Endpoint>> parse_peers(std::string_view text);

}  // namespace respring::cmd
