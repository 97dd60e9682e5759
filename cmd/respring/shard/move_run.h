#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "ops/move/mover.h"
#include "respring/interrupt.h"
#include "respring/shard/shard_site.h"

namespace respring::cmd {

/// How moves are carried out from the command line.
struct MoveArguments {
  shardmap::Pace pace;
  std::int64_t gc_delay_seconds = 600;
  std::int64_t attempts = 3;   ///< of one slot, when writes would have waited too long
  std::int64_t per_shard = 1;  ///< moves that a shard takes part in at a time
  bool dry_run = false;
  bool take_over = false;
};

struct WantedMove {
  shardmap::Slot slot;
  std::string target;
  std::optional<RoomId> room{};  ///< of the slot, to be isolated
};

/// What the moves of one command have in common. Several may run at a time, each on a thread of its
/// own, and speak through say().
struct MoveJob {
  Console& console;
  ShardSite& site;
  const MoveArguments& given;
  bool several = false;  ///< no bar for each of them
  Interrupt interrupt{};
  std::mutex talking{};

  template <class Speak>
  Exit say(Speak speak) {
    const std::lock_guard lock(talking);
    return speak(console);
  }
  void note(const std::string& line);
};

struct Moved {
  Exit exit = Exit::ok;
  std::optional<shardmap::Move> move;  ///< when it moved
};

/// From the beginning to its end, with further attempts. Everything has been said.
Moved move_one(MoveJob& job, const WantedMove& wanted);
/// Goes on with a move, whatever state it is in.
Exit resume_move(Console& console, ShardSite& site, const shardmap::Move& move,
                 const MoveArguments& given);
Exit abort_move(Console& console, ShardSite& site, const shardmap::Move& move);
/// Deletes what committed moves left at their sources: those whose time has come, or all of `slot`.
Exit clean_moves(Console& console, ShardSite& site, std::optional<shardmap::Slot> slot);

json::Object move_json(const shardmap::Move& move);
/// `812`, or `812 → 4096` of a room that is isolated.
std::string text_of_moved(const shardmap::Move& move);

}  // namespace respring::cmd
