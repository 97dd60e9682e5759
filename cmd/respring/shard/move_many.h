#pragma once

#include <vector>

#include "respring/arguments.h"
#include "respring/shard/move_run.h"

namespace respring::cmd {

/// Moves them, several at a time where they keep different shards busy, and says how it went; the
/// exit code of the command. The first one that fails lets no further ones begin.
Exit move_slots(Console& console, ShardSite& site, const std::vector<WantedMove>& wanted,
                const MoveArguments& given);

/// How fast a copy goes, and what it waits for.
void add_pace_options(Arguments& command, shardmap::Pace& pace);
/// The options of commands that move.
void add_move_options(Arguments& command, MoveArguments& given);
/// On a failure everything has been said.
Exit check_arguments(Console& console, const MoveArguments& given);

}  // namespace respring::cmd
