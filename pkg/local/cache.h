#pragma once

#include <cstddef>
#include <memory>

#include "chat/ports/cache.h"
#include "local/steady_now.h"

namespace respring::local {

struct CacheOptions {
  std::size_t max_entries = 100'000;
  std::size_t max_bytes = 64 * 1024 * 1024;  ///< of keys and values
  SteadyNow now = steady_now;
};

/// A cache within this process. When it is full, what was used longest ago goes first.
std::unique_ptr<chat::Cache> make_cache(CacheOptions options = {});

}  // namespace respring::local
