#pragma once

#include <chrono>

#include "net/http.h"

/// How long a caller in another process waits: as what is left when it asks, because clocks differ.
namespace respring::net {

using Deadline = std::chrono::steady_clock::time_point;

inline constexpr std::string_view kDeadlineHeader = "x-respring-deadline-ms";

/// Not negative, and an hour at most.
std::chrono::milliseconds left_until(Deadline deadline);
/// The earlier of the server's deadline and the caller's. `invalid_request` when it is no number.
Result<Deadline> deadline_of(const Request& request);

}  // namespace respring::net
