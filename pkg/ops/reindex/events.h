#pragma once

#include "chat/ports/event_bus.h"
#include "ops/reindex/build.h"

namespace respring::reindex {

/// The events of rooms, read without a group of consumers. Calls block.
class Events {
 public:
  virtual ~Events() = default;
  /// Behind the newest event of each partition.
  virtual Result<Positions> end() = 0;
  /// What the servers' indexer has certainly written; the oldest event where it wrote nothing.
  virtual Result<Positions> indexed() = 0;
  /// Up to `most` of the events from `from` on and before `until`; moves `from` on. Nothing only
  /// when all are read. `conflict` when events from `from` on are not kept any more.
  virtual Result<std::vector<chat::BusRecord>> read(Positions& from, const Positions& until,
                                                    std::size_t most) = 0;
};

/// Adds to the index what the events from `build.events` up to `until` tell, and moves that on. Of
/// each message it is the truth as it is now that is written, so that events may come again. True
/// when all were added, false when the hooks said to stop.
Result<bool> follow(Events& events, Source& source, chat::SearchIndex& index, Build& build,
                    const Positions& until, const BuildHooks& hooks);

}  // namespace respring::reindex
