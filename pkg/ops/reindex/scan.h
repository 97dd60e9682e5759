#pragma once

#include "ops/reindex/build.h"

namespace respring::reindex {

struct ScanOptions {
  int writers = 3;  ///< threads that wait for the index, each with one page
  int page = 1000;  ///< messages
};

/// Writes every message behind `build.done` and moves that on, until all are written or the hooks
/// say to stop: then `build` says how far it came, and every page before that is in the index.
/// True when all are written. Blocks; the index is used by several threads.
Result<bool> scan(Source& source, chat::SearchIndex& index, Build& build, const BuildHooks& hooks,
                  const ScanOptions& options);

}  // namespace respring::reindex
