#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "respring/doctor/gather.h"
#include "services/user/passwords.h"

namespace respring::cmd {
namespace {

/// Whether somebody holds the lock. It is taken for a moment to find out, shared, so that several
/// who look do not see each other.
bool is_served(const std::filesystem::path& directory) {
  const int file = ::open((directory / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool free = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  ::close(file);
  return !free;
}

bool reachable_from_outside(const config::Endpoint& endpoint) {
  const std::string& host = endpoint.host;
  return !(host.starts_with("127.") || host == "::1" || host == "localhost");
}

/// The time of one hash.
std::int64_t measure_hash() {
  async::BlockingPool nobody({.name = "hash", .threads = 1, .queue_limit = 1});
  const auto begun = std::chrono::steady_clock::now();
  const user::Passwords one(nobody, user::PasswordCost{});  // hashes once
  const auto time = std::chrono::steady_clock::now() - begun;
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

/// What the control group allows (cgroup v2): a container's or unit's limit; nothing: no limit.
std::optional<std::int64_t> limit_of_group() {
  std::ifstream membership("/proc/self/cgroup");
  std::string line;
  while (std::getline(membership, line)) {
    if (!line.starts_with("0::")) continue;
    std::ifstream file("/sys/fs/cgroup" + line.substr(3) + "/memory.max");
    std::int64_t bytes = 0;
    if (file >> bytes) return bytes;  // else it says `max`
  }
  return std::nullopt;
}

/// The machine's memory, or how much of it is for us.
std::int64_t memory_bytes() {
  auto bytes = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) *
               static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
  bytes = std::min(bytes, limit_of_group().value_or(bytes));
  rlimit limit{};
  const bool limited = ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return limited ? std::min(bytes, static_cast<std::int64_t>(limit.rlim_cur)) : bytes;
}

}  // namespace

doctor::DirectoryFacts look_at_directory(const std::filesystem::path& path) {
  doctor::DirectoryFacts facts;
  facts.path = path.string();
  struct stat status {};
  facts.exists = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  if (!facts.exists) return facts;
  facts.writable = ::access(path.c_str(), W_OK | X_OK) == 0;
  facts.others_may_read = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  facts.served = is_served(path);
  std::error_code error;
  const auto space = std::filesystem::space(path, error);
  if (!error) {
    facts.free_bytes = static_cast<std::int64_t>(space.available);
    facts.total_bytes = static_cast<std::int64_t>(space.capacity);
  }
  return facts;
}

doctor::MachineFacts look_at_machine(const Settings& settings) {
  doctor::MachineFacts facts;
  facts.now = SystemClock().now();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    constexpr rlim_t kMost = 1'000'000'000;
    facts.descriptors = static_cast<std::int64_t>(std::min(limit.rlim_max, kMost));
  }
  facts.connections_wanted = settings.http.max_connections;
  facts.memory_bytes = memory_bytes();
  facts.password_threads = settings.auth.password_pool_threads;
  facts.password_bytes = static_cast<std::int64_t>(user::PasswordCost{}.memory_bytes);
  facts.password_ms = measure_hash();
  return facts;
}

doctor::ConfigFacts look_at_config(const Settings& settings) {
  doctor::ConfigFacts facts;
  facts.listen = settings.listen.host + ":" + std::to_string(settings.listen.port);
  facts.public_listener = reachable_from_outside(settings.listen);
  facts.public_admin = reachable_from_outside(settings.admin_listen);
  facts.has_public_url = !settings.public_url.empty();
  const auto note = [&facts](bool off, const char* key) {
    if (off) facts.limits_off.emplace_back(key);
  };
  note(settings.limits.sends_per_user.off(), "limits.sends_per_user");
  note(settings.limits.requests_per_ip.off(), "limits.requests_per_ip");
  note(settings.limits.logins_per_handle.off(), "limits.logins_per_handle");
  note(settings.limits.registrations_per_ip.off(), "limits.registrations_per_ip");
  note(settings.limits.frames_per_connection.off(), "limits.frames_per_connection");
  note(!settings.limits.connections_per_user.most, "limits.connections_per_user");
  return facts;
}

}  // namespace respring::cmd
