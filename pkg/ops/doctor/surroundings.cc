#include "ops/doctor/surroundings.h"

namespace respring::doctor {
namespace {

using enum Rank;

constexpr std::int64_t kSlowPasswordMs = 500;
/// A clock before this program was written is not set.
constexpr std::int64_t kFirstSaneMs = 1'767'225'600'000;  // 2026-01-01

}  // namespace

void look_at(const MachineFacts& m, Findings& out) {
  if (to_ms(m.now) < kFirstSaneMs) {
    out.push_back({high, "clock.unset", "the clock is not set", to_rfc3339(m.now),
                   "synchronise the clock (timedatectl status)"});
  }
  if (m.descriptors < m.connections_wanted) {
    out.push_back({low, "limits.descriptors",
                   "a process may open fewer files than http.max_connections",
                   std::to_string(m.descriptors) + " < " + std::to_string(m.connections_wanted),
                   "ulimit -n " + std::to_string(2 * m.connections_wanted) +
                       ", or LimitNOFILE= of the unit"});
  }
  const std::int64_t hashing = m.password_threads * m.password_bytes;
  if (m.memory_bytes > 0 && hashing > m.memory_bytes / 4) {
    out.push_back({medium, "passwords.memory", "log-ins may take a quarter of the memory and more",
                   mib(hashing) + " of " + mib(m.memory_bytes),
                   "lower auth.password_pool_threads"});
  }
  if (m.password_ms > kSlowPasswordMs) {
    out.push_back({low, "passwords.slow", "hashing a password takes long on this machine",
                   std::to_string(m.password_ms) + " ms",
                   "log-ins per second are about " +
                       std::to_string(1000 * m.password_threads / m.password_ms) +
                       "; use a faster machine"});
  }
}

void look_at(const ConfigFacts& c, Findings& out) {
  if (c.public_admin) {
    out.push_back({high, "config.admin_open", "the admin listener can be reached from outside",
                   "it has no authentication", "--set admin_listen=127.0.0.1:9090"});
  }
  if (c.public_listener && !c.has_public_url) {
    out.push_back({low, "config.public_url", "public_url is not set",
                   "listen is " + c.listen + "; links and origins are guessed from requests",
                   "respring config explain public_url"});
  }
  for (const std::string& limit : c.limits_off) {
    out.push_back({c.public_listener ? medium : low, "config.limit_off", limit + " is off",
                   "listen is " + c.listen, "respring config explain " + limit});
  }
}

}  // namespace respring::doctor
