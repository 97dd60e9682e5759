#include "respring/peer_urls.h"

namespace respring::cmd {

std::optional<std::vector<config::Endpoint>> parse_peers(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  std::vector<config::Endpoint> peers;
  while (true) {
    const auto comma = text.find(',');
    std::string_view one = text.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (!one.starts_with(kScheme)) return std::nullopt;
    one.remove_prefix(kScheme.size());
    if (one.ends_with('/')) one.remove_suffix(1);
    auto endpoint = config::parse_endpoint(one);
    if (!endpoint || endpoint.value().host.empty() || endpoint.value().port == 0)
      return std::nullopt;
    peers.push_back(std::move(endpoint).value());
    if (comma == std::string_view::npos) return peers;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace respring::cmd
