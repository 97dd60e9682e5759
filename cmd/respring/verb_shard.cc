// `respring shard …`: who owns which rooms, and how that changes while people write.
#include "respring/shard/commands.h"
#include "respring/verbs.h"

namespace respring::cmd {

void make_shard(Arguments& args) {
  add_map_commands(args);
  add_move_commands(args);
  add_isolate_command(args);
  add_plan_commands(args);
  add_verify_command(args);
  add_fence_command(args);
}

}  // namespace respring::cmd
