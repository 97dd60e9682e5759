#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "chat/ports/rate_limiter.h"
#include "net/networks.h"

namespace respring::gateway {

/// The defaults are those of the API.
struct Limits {
  chat::RateLimit requests_per_ip{100, 300};
  chat::RateLimit sends_per_user{20, 60};
};

/// The gateway's settings.
struct Settings {
  std::string public_url;     ///< as people write it: https://chat.example.org; empty: unknown
  std::string_view web_pack;  ///< the built web client (WebFiles), borrowed; empty: none
  // What may change while it runs:
  Limits limits;
  std::vector<std::string> allowed_origins;   ///< besides our own: https://other.example.org
  std::vector<net::Network> trusted_proxies;  ///< see believe_proxies()
  // … and what may not:
  int requests_in_flight_per_user = 64;
  std::chrono::milliseconds deadline{10'000};  ///< of a request, from its complete arrival
};

}  // namespace respring::gateway
