#include "services/gateway/access.h"

#include "net/request_figures.h"
#include "telemetry/log.h"

namespace respring::gateway {

void note_access(const Access& a) {
  static net::RequestFigures figures("respring_http_requests_total",
                                     "respring_http_request_seconds");
  figures.note(a.route, a.request.method, a.response.status, a.took);
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
