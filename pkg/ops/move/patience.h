#pragma once

#include <algorithm>

#include "ops/move/mover.h"

/// Of mover.cc and mover_waits.cc alone.
namespace respring::move {

// A database that is away comes back, or a lock is given: before the freeze nothing hurries.
template <class Work>
auto Mover::patiently(Work work) -> decltype(work()) {
  const auto until = Steady::now() + options_.patience;
  auto wait = std::chrono::milliseconds(20);
  while (true) {
    auto result = work();
    if (result || !is_out_of_reach(result.assume_error().code)) return result;
    if (Steady::now() > until || options_.stopping()) return result;
    progress_.waits_for = result.assume_error().detail;
    options_.on_progress(progress_);
    options_.pause(wait);
    progress_.waits_for.clear();
    wait = std::min(wait * 2, std::chrono::milliseconds(1000));
  }
}

}  // namespace respring::move
