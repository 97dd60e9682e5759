#pragma once

#include <functional>
#include <string>

#include "telemetry/metrics.h"

namespace respring::store {

/// For async::BlockingPool's on_refused: counts under the pool's name.
inline std::function<void()> count_refusals(const std::string& pool) {
  return [counter = metrics::counter("respring_pool_refused_total", {{"pool", pool}})] {
    counter.add();
  };
}

}  // namespace respring::store
