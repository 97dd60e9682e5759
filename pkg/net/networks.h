#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace respring::net {

/// An IP address; IPv4 is kept in its IPv6-mapped form (RFC 4291 2.5.5.2), so that
/// `::ffff:10.0.0.1` and `10.0.0.1` are the same.
using IpAddress = std::array<unsigned char, 16>;

/// Nothing when it is no address. A zone (`%eth0`) is left out.
std::optional<IpAddress> parse_address(std::string_view text);
/// As people write it (RFC 5952).
std::string to_text(const IpAddress& address);
/// The IPv4 address in its mapped form.
bool is_ipv4(const IpAddress& address);

/// Addresses that share their first bits: `10.0.0.0/8`, `fd00::/8`, or one address.
struct Network {
  IpAddress address{};
  int bits = 128;

  /// Nothing when it is no network; bits behind the prefix are ignored.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
};

/// Whom an address counts for in a limit: an IPv4 address for itself, of IPv6 the /64, since
/// whoever has one has all of it. Text that is no address counts for itself.
std::string counted_as(std::string_view ip);

}  // namespace respring::net
