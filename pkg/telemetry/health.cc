#include "telemetry/health.h"

#include <algorithm>

namespace respring::health {
namespace {

std::string_view name_of(State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::degraded:
      return "degraded";
    case State::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace

void Registry::add(std::string name, std::function<Status()> check) {
  const std::lock_guard lock(mutex_);
  checks_.insert_or_assign(std::move(name), std::move(check));
}

void Registry::set(const std::string& name, Status status) {
  add(name, [status = std::move(status)] { return status; });
}

void Registry::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  checks_.erase(name);
}

void Registry::start_draining() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool Registry::draining() const {
  const std::lock_guard lock(mutex_);
  return draining_;
}

std::vector<Registry::Named> Registry::look() const {
  std::map<std::string, std::function<Status()>> checks;
  {
    const std::lock_guard lock(mutex_);
    checks = checks_;
  }
  // Asked without the lock: a check may well take one of its own.
  std::vector<Named> found;
  for (const auto& [name, check] : checks) found.push_back({name, check()});
  return found;
}

bool Registry::ready() const {
  if (draining()) return false;
  return std::ranges::none_of(
      look(), [](const Named& check) { return check.status.state == State::failed; });
}

std::string Registry::text(bool verbose) const {
  const bool leaving = draining();
  const std::vector<Named> found = look();
  const bool failed = std::ranges::any_of(
      found, [](const Named& check) { return check.status.state == State::failed; });
  std::string out = leaving || failed ? "not ready\n" : "ok\n";
  if (!verbose) return out;
  if (leaving) out += "draining: failed: the process is leaving\n";
  for (const Named& check : found) {
    out.append(check.name).append(": ").append(name_of(check.status.state));
    if (!check.status.reason.empty()) out.append(": ").append(check.status.reason);
    out.push_back('\n');
  }
  return out;
}

}  // namespace respring::health
