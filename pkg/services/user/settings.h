#pragma once

#include "chat/ports/rate_limiter.h"

namespace respring::user {

/// What one Argon2id hash costs (RFC 9106): the second figure is memory per hash in flight.
struct PasswordCost {
  unsigned long long passes = 2;
  std::size_t memory_bytes = 19 * 1024 * 1024;
};

/// The defaults are those of the API.
struct Limits {
  chat::RateLimit logins_per_handle{10.0 / 60, 10};
  chat::RateLimit registrations_per_ip{20.0 / 60, 20};
};

/// The user role's settings. All but `passwords` may change while it runs.
struct Settings {
  int session_days = 30;        ///< life of a session, from the log-in
  bool single_session = false;  ///< a log-in ends the user's other sessions
  Limits limits;
  PasswordCost passwords;
};

}  // namespace respring::user
