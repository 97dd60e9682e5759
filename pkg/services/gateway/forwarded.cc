#include "services/gateway/forwarded.h"

#include <algorithm>

#include "net/networks.h"

namespace respring::gateway {
namespace {

/// More proxies in a row than anybody has.
constexpr std::size_t kMostHops = 16;

bool trusts(const std::vector<net::Network>& proxies, const net::IpAddress& address) {
  return std::any_of(proxies.begin(), proxies.end(),
                     [&address](const net::Network& network) { return network.contains(address); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The items of a list header, the last one first: that is who spoke to the last proxy.
std::vector<std::string_view> from_the_right(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty() && items.size() < kMostHops) {
    const auto comma = list.rfind(',');
    const bool last = comma == std::string_view::npos;
    items.push_back(trimmed(last ? list : list.substr(comma + 1)));
    list = last ? std::string_view() : list.substr(0, comma);
  }
  return items;
}

}  // namespace

void believe_proxies(net::Request& request, const std::vector<net::Network>& proxies) {
  const auto peer = net::parse_address(request.remote_ip);
  if (!peer || !trusts(proxies, *peer)) return;
  const std::string hops = request.headers.joined("x-forwarded-for");
  for (const std::string_view hop : from_the_right(hops)) {
    const auto address = net::parse_address(hop);
    if (!address) break;  // whoever wrote this is the last one that can be named
    request.remote_ip = net::to_text(*address);
    if (!trusts(proxies, *address)) break;
  }
  const std::string schemes = request.headers.joined("x-forwarded-proto");
  const auto scheme = from_the_right(schemes);
  if (!scheme.empty() && (scheme.front() == "https" || scheme.front() == "http")) {
    request.peer_scheme = scheme.front();
  }
}

}  // namespace respring::gateway
