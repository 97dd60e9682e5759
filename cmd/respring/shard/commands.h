#pragma once

#include "respring/arguments.h"

namespace respring::cmd {

// The commands below `respring shard`, by what they are about.
void add_map_commands(Arguments& shard);   ///< map, status, where
void add_move_commands(Arguments& shard);  ///< move, resume, abort, pause, throttle, reverse, gc
void add_isolate_command(Arguments& shard);
void add_plan_commands(Arguments& shard);  ///< apply, plan, rebalance
void add_verify_command(Arguments& shard);
void add_fence_command(Arguments& shard);

}  // namespace respring::cmd
