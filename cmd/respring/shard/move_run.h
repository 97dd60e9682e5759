#pragma once

#include <vector>

#include "ops/move/mover.h"
#include "respring/shard/shard_site.h"

namespace respring::cmd {

/// How moves are carried out from the command line.
struct MoveArguments {
  std::int64_t bytes_per_second = 0;
  std::int64_t gc_delay_seconds = 600;
  std::int64_t attempts = 3;  ///< of one slot, when writes would have waited too long
  bool dry_run = false;
  bool take_over = false;
};

struct WantedMove {
  shardmap::Slot slot;
  std::string target;
};

/// Moves them one after the other and says how it went; the exit code of the command.
Exit move_slots(Console& console, ShardSite& site, const std::vector<WantedMove>& wanted,
                const MoveArguments& given);
/// Goes on with a move, whatever state it is in.
Exit resume_move(Console& console, ShardSite& site, const shardmap::Move& move,
                 const MoveArguments& given);
Exit abort_move(Console& console, ShardSite& site, const shardmap::Move& move);
/// Deletes what committed moves left at their sources: those whose time has come, or all of `slot`.
Exit clean_moves(Console& console, ShardSite& site, std::optional<shardmap::Slot> slot);

json::Object move_json(const shardmap::Move& move);

}  // namespace respring::cmd
