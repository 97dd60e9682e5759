#pragma once

#include <set>
#include <string>
#include <string_view>

namespace respring::manifests {

/// Names of the series that a query of Prometheus asks for, without its functions, operators and
/// labels. `{__name__="a"}` asks for a.
std::set<std::string> series_in(std::string_view query);

}  // namespace respring::manifests
