#include "kafka/options.h"

#include <algorithm>
#include <charconv>

namespace respring::kafka {
namespace {

Error wrong(std::string_view why) {
  return invalid(std::string(why) + "; a Kafka URL is kafka://host[:port][,host[:port]...]");
}

Result<std::string> broker_in(std::string_view text) {
  const auto colon = text.starts_with('[') ? text.find("]:") : text.find(':');
  const bool has_port = colon != std::string_view::npos;
  const auto at = has_port ? colon + (text.starts_with('[') ? 1 : 0) : text.size();
  const auto host = text.substr(0, at);
  if (host.empty()) return wrong("a host is missing");
  if (host.find_first_of("/?#@ ") != std::string_view::npos) return wrong("a host is no host");
  if (!has_port) return std::string(host) + ":9092";
  const auto port = text.substr(at + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535)
    return wrong("a port is no number from 1 to 65535");
  return std::string(text);
}

}  // namespace

Result<Options> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "kafka://";
  if (!url.starts_with(kScheme)) return wrong("the URL does not begin with kafka://");
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  // A password does not belong into an address that is logged.
  if (url.find('@') != std::string_view::npos) return wrong("user and password do not belong here");
  Options options;
  while (true) {
    const auto comma = std::min(url.find(','), url.size());
    RESPRING_TRY(const auto broker, broker_in(url.substr(0, comma)));
    options.brokers += (options.brokers.empty() ? "" : ",") + broker;
    if (comma == url.size()) return options;
    url.remove_prefix(comma + 1);
  }
}

}  // namespace respring::kafka
