#pragma once

#include <cstddef>
#include <memory>

#include "chat/ports/shared_sessions.h"
#include "local/steady_now.h"

namespace respring::local {

struct SharedSessionOptions {
  chat::SharedSessionLives lives{};
  std::size_t max_entries = 20'000;  ///< the oldest goes first
  /// Ends and bars that are remembered at once; beyond, nothing is kept until they are over.
  std::size_t max_ended = 100'000;
  SteadyNow now = steady_now;
};

/// Shared by the roles of one process only.
std::unique_ptr<chat::SharedSessions> make_shared_sessions(SharedSessionOptions options = {});

}  // namespace respring::local
