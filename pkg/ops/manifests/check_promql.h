#pragma once

#include <set>
#include <string>
#include <string_view>

namespace respring::manifests {

/// Names of the series that a query of Prometheus asks for, without its functions, operators and
/// labels. `{__name__="a"}` asks for a.
std::set<std::string> series_in(std::string_view query);

/// The query of those series only that `matcher` fits: `rate(a{b="c"}[5m])` with `d="e"` is
/// `rate(a{d="e", b="c"}[5m])`. For queries of ours: no name of a series stands in their texts.
std::string only_with(std::string_view query, std::string_view matcher);

}  // namespace respring::manifests
