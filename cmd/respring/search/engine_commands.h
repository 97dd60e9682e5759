#pragma once

#include <chrono>
#include <memory>

#include "respring/site.h"

/// `respring search …` where the index is on a search engine. Each says everything itself.
namespace respring::cmd {

struct EngineReindex {
  bool fresh = false;
  bool dry_run = false;
  std::chrono::milliseconds keep{std::chrono::hours(24)};
  int writers = 3;
};

Exit reindex_engine(Console& console, const EngineReindex& given);
Exit roll_back_engine(Console& console, const EngineReindex& given);
Exit prune_engine(Console& console, bool dry_run);
Exit engine_status(Console& console);

}  // namespace respring::cmd
