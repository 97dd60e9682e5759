#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "respring/settings.h"

namespace respring::cmd {

struct Collector {
  config::Endpoint endpoint;
  std::string target;  ///< /v1/traces unless the URL says otherwise
};
/// `http://host:port[/path]`; nothing for anything else.
std::optional<Collector> parse_collector(std::string_view url);

/// Sends this process's spans to the collector of the settings while it lives.
class Tracing {
 public:
  /// Null when the settings name none.
  static std::unique_ptr<Tracing> start(const Settings& settings, const std::string& roles);
  ~Tracing();

 private:
  struct Parts;
  explicit Tracing(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace respring::cmd
