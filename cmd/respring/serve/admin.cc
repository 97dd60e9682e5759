#include "respring/serve/admin.h"

#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

net::Response text_response(int status, std::string body, std::string type = "text/plain") {
  net::Response response;
  response.status = status;
  response.body = std::move(body);
  response.content_type = std::move(type);
  return response;
}

Task<net::Response> livez(net::Request&, const net::PathParams&) {
  co_return text_response(200, "ok\n");
}

Task<net::Response> metrics_page(std::function<void()> refresh) {
  refresh();
  co_return text_response(200, metrics::render(), "text/plain; version=0.0.4");
}

Task<net::Response> readyz(const health::Registry& health, const net::Request& request) {
  bool verbose = false;
  for (const auto& [name, value] : request.query) verbose = verbose || name == "verbose";
  co_return text_response(health.ready() ? 200 : 503, health.text(verbose));
}

Task<net::Response> drain_now(std::function<void()> drain) {
  drain();
  co_return text_response(202, "draining\n");
}

}  // namespace

net::Router admin_router(const health::Registry& health, std::function<void()> drain,
                         std::function<void()> refresh) {
  net::Router router;
  router.add(net::Method::get, kLivePath, net::Handler(livez));
  net::Handler scrape = [refresh = std::move(refresh)](net::Request&, const net::PathParams&) {
    return metrics_page(refresh);
  };
  router.add(net::Method::get, kMetricsPath, std::move(scrape));
  net::Handler ready = [&health](net::Request& request, const net::PathParams&) {
    return readyz(health, request);
  };
  router.add(net::Method::get, kReadyPath, std::move(ready));
  net::Handler leave = [drain = std::move(drain)](net::Request&, const net::PathParams&) {
    return drain_now(drain);
  };
  router.add(net::Method::post, "/admin/drain", std::move(leave));
  return router;
}

}  // namespace respring::cmd
