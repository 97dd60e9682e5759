#include "services/gateway/deadline.h"

#include "telemetry/log.h"

namespace respring::gateway {
namespace {

/// Shared by the one who waits and the handler; both run on the same thread.
struct Race {
  net::Request request;
  InFlight::Place place;
  std::function<Task<net::Response>(net::Request&)> handle;
  asio::steady_timer timer;
  std::optional<net::Response> response;
  bool left = false;  ///< nobody waits for the response any more
};

Task<void> run(std::shared_ptr<Race> race) {
  std::string what = "unknown exception";
  try {
    race->response = co_await race->handle(race->request);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  if (!race->response) race->response = net::problem_response(internal(what), race->request);
  if (race->left && !race->response->fault.empty()) {
    log::error("http.fault_after_deadline", {{"path", race->request.path},
                                             {"error", race->response->fault},
                                             {"trace_id", race->request.trace_id}});
  }
  race->timer.cancel();
}

net::Response too_late(const net::Request& request) {
  const bool safe = request.method == net::Method::get || request.method == net::Method::head;
  if (safe) return net::problem_response(overloaded("no answer in time"), request);
  const Error unknown = unavailable("no answer in time; the outcome is unknown");
  return net::problem_response(unknown, request, 504);
}

}  // namespace

Task<net::Response> answer_within(async::TaskGroup& group,
                                  std::chrono::steady_clock::time_point until,
                                  std::function<Task<net::Response>(net::Request&)> handle,
                                  net::Request request, InFlight::Place place) {
  const auto executor = co_await asio::this_coro::executor;
  auto race =
      std::make_shared<Race>(Race{std::move(request), std::move(place), std::move(handle),
                                  asio::steady_timer(executor, until), std::nullopt, false});
  group.spawn(executor, run(race));
  if (!race->response) {
    boost::system::error_code ignored;  // cancelled: the answer is there
    co_await race->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (!race->response) {
    race->left = true;
    co_return too_late(race->request);
  }
  co_return std::move(*race->response);
}

}  // namespace respring::gateway
