#pragma once

#include <functional>

#include "async/run.h"
#include "net/http.h"
#include "services/gateway/in_flight.h"

namespace respring::gateway {

/// Runs `handle` on a copy of the request in `group` and answers what it answers, or at `until` an
/// error: `overloaded` for a safe method, `upstream_unavailable` (outcome unknown) for the others.
/// The handler is never cut short; it goes on by itself and keeps its place in flight until it
/// ends. An exception of the handler becomes `internal`. On an executor of one thread.
Task<net::Response> answer_within(async::TaskGroup& group,
                                  std::chrono::steady_clock::time_point until,
                                  std::function<Task<net::Response>(net::Request&)> handle,
                                  net::Request request, InFlight::Place place);

}  // namespace respring::gateway
