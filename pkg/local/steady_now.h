#pragma once

#include <chrono>
#include <functional>

namespace respring::local {

/// Where an adapter gets the time for lives and rates from; tests give their own.
using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;

inline std::chrono::steady_clock::time_point steady_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace respring::local
