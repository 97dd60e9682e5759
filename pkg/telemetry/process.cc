#include "telemetry/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace respring::telemetry {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Seconds since 1970 when the machine started (`btime` of /proc/stat).
double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    if (word == "btime") {
      double value = 0;
      file >> value;
      return value;
    }
  }
  return 0;
}

/// Threads and start of this process, from the fields behind the name in /proc/self/stat (proc(5)).
void read_stat(ProcessFigures& out) {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::size_t position = name_end + 2;
  constexpr int kFirstField = 3;
  constexpr int kThreads = 20;
  constexpr int kStartTicks = 22;
  for (int field = kFirstField; field <= kStartTicks && position < text.size(); ++field) {
    const auto end = text.find(' ', position);
    if (end == std::string::npos) return;
    const std::string word = text.substr(position, end - position);
    if (field == kThreads) out.threads = std::stoll(word);
    if (field == kStartTicks) {
      static const double boot = boot_time();
      out.start_time_seconds = boot + std::stod(word) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    position = end + 1;
  }
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures out;
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;  // the second field is what is resident
  out.resident_bytes = pages * sysconf(_SC_PAGESIZE);

  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    static_cast<void>(entry);
    ++out.open_fds;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    out.max_fds = static_cast<std::int64_t>(limit.rlim_cur);
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    out.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  read_stat(out);
  return out;
}

const Build& build() {
  static const Build kBuild{RESPRING_VERSION, RESPRING_COMMIT, "g++ " __VERSION__,
                            RESPRING_BUILD_TYPE};
  return kBuild;
}

}  // namespace respring::telemetry
