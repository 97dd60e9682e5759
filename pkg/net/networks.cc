#include "net/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace respring::net {
namespace {

constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  IpAddress address{};
  if (inet_pton(AF_INET6, plain.c_str(), address.data()) == 1) return address;
  if (inet_pton(AF_INET, plain.c_str(), address.data() + kMapped.size()) != 1) return std::nullopt;
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  return address;
}

bool is_ipv4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_ipv4(address)) {
    inet_ntop(AF_INET, address.data() + kMapped.size(), out.data(), out.size());
  } else {
    inet_ntop(AF_INET6, address.data(), out.data(), out.size());
  }
  return out.data();
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network{*address, 128};
  if (slash == std::string_view::npos) return network;
  const int mapped_bits = is_ipv4(*address) ? 96 : 0;
  const std::string_view digits = text.substr(slash + 1);
  int bits = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (bits < 0 || bits + mapped_bits > 128) return std::nullopt;
  network.bits = bits + mapped_bits;
  return network;
}

bool Network::contains(const IpAddress& other) const {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(address.begin(), address.begin() + bits / 8, other.begin())) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
  return (address[whole] & mask) == (other[whole] & mask);
}

std::string counted_as(std::string_view ip) {
  auto address = parse_address(ip);
  if (!address) return std::string(ip);
  if (is_ipv4(*address)) return to_text(*address);
  std::fill(address->begin() + 8, address->end(), static_cast<unsigned char>(0));
  return to_text(*address) + "/64";
}

}  // namespace respring::net
