#include "services/gateway/access.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::gateway {
namespace {

using Key = std::tuple<std::string, net::Method, int>;
using KeyView = std::tuple<std::string_view, net::Method, int>;

struct Handles {
  metrics::Counter count;
  metrics::Histogram seconds;
};

/// Handles are looked up by text once per route, method and status class.
class HandleTable {
 public:
  Handles find(const KeyView& key) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = handles_.find(key); found != handles_.end()) return found->second;
    }
    const std::unique_lock lock(mutex_);
    const auto& [route, method, status_class] = key;
    const std::string name(route);
    const Handles handles{metrics::counter("respring_http_requests_total",
                                           {{"route", name},
                                            {"method", std::string(net::name_of(method))},
                                            {"status", std::to_string(status_class) + "xx"}}),
                          metrics::histogram("respring_http_request_seconds", {{"route", name}})};
    return handles_.emplace(Key(name, method, status_class), handles).first->second;
  }

 private:
  std::shared_mutex mutex_;
  std::map<Key, Handles, std::less<>> handles_;
};

}  // namespace

void note_access(const Access& a) {
  static HandleTable table;
  const Handles handles = table.find({a.route, a.request.method, a.response.status / 100});
  handles.count.add();
  handles.seconds.observe(std::chrono::duration<double>(a.took).count());
  if (!a.response.fault.empty()) {
    log::error("http.fault",
               {{"route", a.route}, {"error", a.response.fault}, {"trace_id", a.request.trace_id}});
  }
  const auto level = a.response.status >= 500 ? log::Level::info : log::Level::debug;
  if (!log::enabled(level)) return;
  const double ms = std::chrono::duration<double, std::milli>(a.took).count();
  const std::string user = a.request.principal ? a.request.principal->user.str() : "";
  log::write(level, "http.request",
             {{"method", net::name_of(a.request.method)},
              {"route", a.route},
              {"role", a.role},
              {"status", a.response.status},
              {"ms", ms},
              {"user", user},
              {"ip", a.request.remote_ip},
              {"trace_id", a.request.trace_id}});
}

}  // namespace respring::gateway
