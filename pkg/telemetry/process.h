#pragma once

#include <cstdint>
#include <string_view>

namespace respring::telemetry {

/// What the kernel says about this process (Linux /proc); zeros where it says nothing.
struct ProcessFigures {
  std::int64_t resident_bytes = 0;
  std::int64_t open_fds = 0;
  std::int64_t max_fds = 0;
  std::int64_t threads = 0;
  double cpu_seconds = 0;
  double start_time_seconds = 0;  ///< since 1970
};
ProcessFigures process_figures();

/// What this binary is.
struct Build {
  std::string_view version;   ///< 0.1.0
  std::string_view commit;    ///< empty when it was not given to the build
  std::string_view compiler;  ///< g++ 12.2.0
  std::string_view type;      ///< Release
};
const Build& build();

}  // namespace respring::telemetry
