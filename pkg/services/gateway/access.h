#pragma once

#include <chrono>
#include <string_view>

#include "net/http.h"

namespace respring::gateway {

/// One answered request, borrowed.
struct Access {
  const net::Request& request;
  const net::Response& response;
  std::string_view role;
  std::string_view route;  ///< the pattern, never the path: labels are bounded
  std::chrono::steady_clock::duration took;
};

/// Counts it and writes the access log: at debug, at info when the server is at fault. Never
/// tokens, queries or bodies.
void note_access(const Access& access);

}  // namespace respring::gateway
