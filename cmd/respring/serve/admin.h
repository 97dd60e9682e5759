#pragma once

#include <functional>

#include "net/router.h"
#include "telemetry/health.h"

namespace respring::cmd {

inline constexpr const char* kLivePath = "/livez";
inline constexpr const char* kReadyPath = "/readyz";
inline constexpr const char* kMetricsPath = "/metrics";

/// `/livez`, `/readyz`, `/metrics` and `/admin/drain`: for the operator's own network only. The
/// router borrows `health`; `refresh` is called before each scrape.
net::Router admin_router(const health::Registry& health, std::function<void()> drain,
                         std::function<void()> refresh);

}  // namespace respring::cmd
