#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace respring::health {

enum class State { ok, degraded, failed };

/// What a check says now; the reason is for operators and holds no secret.
struct Status {
  State state = State::ok;
  std::string reason;
};

/// The named checks of a process. `degraded` still serves (readyz stays 200); `failed` takes it out
/// of the load balancer. Safe from any thread.
class Registry {
 public:
  /// A check that is asked each time; it must answer at once, from memory.
  void add(std::string name, std::function<Status()> check);
  /// A check whose state somebody sets.
  void set(const std::string& name, Status status);
  void remove(const std::string& name);

  /// The process is leaving: readyz fails from now on whatever the checks say.
  void start_draining();
  bool draining() const;

  struct Named {
    std::string name;
    Status status;
  };
  std::vector<Named> look() const;  ///< by name
  bool ready() const;

  /// The body of /readyz: `ok` or `not ready`, and with `verbose` a line per check.
  std::string text(bool verbose) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::function<Status()>> checks_;
  bool draining_ = false;
};

}  // namespace respring::health
