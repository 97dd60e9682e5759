#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Ends the process when a fuzz target finds a broken promise, with libFuzzer and without.
inline void require(bool holds) {
  if (!holds) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
