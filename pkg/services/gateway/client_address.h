#pragma once

#include <string>
#include <string_view>

namespace respring::gateway {

/// Whom an address counts for in a limit: an IPv4 address for itself, of IPv6 the /64, since
/// whoever has one has all of it. Text that is no address counts for itself.
std::string client_address(std::string_view ip);

}  // namespace respring::gateway
