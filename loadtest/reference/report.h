#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <cstdio>

namespace reference {

inline double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// One JSON line: what was served, and the process's CPU time for it.
inline void report(std::uint64_t served) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"served\":%llu,\"user_seconds\":%.3f,\"system_seconds\":%.3f}\n",
              static_cast<unsigned long long>(served), seconds(usage.ru_utime),
              seconds(usage.ru_stime));
  std::fflush(stdout);
}

}  // namespace reference
