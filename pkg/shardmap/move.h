#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "shardmap/shard_map.h"

namespace respring::shardmap {

/// Decided in the meta database, carried out on the shards.
enum class MoveState : std::uint8_t {
  run,        ///< under way; may be aborted
  committed,  ///< the target owns the slot: only forward from here
  aborted,    ///< the source keeps it
  done,       ///< the target owns it and the source's rows are deleted
};

std::string_view name_of(MoveState state);
MoveState move_state_named(std::string_view name);

/// What an operator wants of a running move, from any machine.
enum class MoveWish : std::uint8_t { run, pause, abort };

std::string_view name_of(MoveWish wish);
MoveWish move_wish_named(std::string_view name);

/// Why a move was taken back.
enum class AbortCause : std::uint8_t {
  none,        ///< it was not, or by a program that does not say
  wish,        ///< somebody wanted it
  pause,       ///< writes waited too long, or would have: worth another try
  difference,  ///< the copy was not equal
  failure,     ///< a database failed while writes waited
};

std::string_view name_of(AbortCause cause);
AbortCause abort_cause_named(std::string_view name);

/// What keeps a move's copy slow, so that others are served. Zeros: as fast as it goes.
struct Pace {
  std::int64_t bytes_per_second = 0;
  std::int64_t most_threads = 0;  ///< running at source or target; more: the copy waits
  std::int64_t most_lag_ms = 0;   ///< of the target's replica; more: the copy waits
  bool operator==(const Pace&) const = default;
};

/// A slot on its way from one shard to another, as the meta database knows it.
struct Move {
  std::string id;
  Slot slot;      ///< at the source
  RoomId room{};  ///< that is isolated: it alone moves, out of the slot it shares
  Slot own{};     ///< and the slot it gets
  std::string source;
  std::string target;
  MoveState state = MoveState::run;
  Epoch epoch = 0;       ///< of the slot at the source; the target opens it with the next one
  std::int64_t gen = 0;  ///< of the mover; whoever takes over has a higher one
  Time lease_until{};    ///< before that somebody works on it
  MoveWish wish = MoveWish::run;
  Pace pace;
  bool settled = false;  ///< what meta decided has been carried out on both shards
  Time created_at{};
  Time changed_at{};
  Time clean_at{};  ///< from then on the source's rows may be deleted
  std::string stage;
  AbortCause cause = AbortCause::none;
  std::string note;            ///< why it waits or ended
  std::int64_t rows = 0;       ///< copied
  std::int64_t paused_us = 0;  ///< how long writes waited

  bool isolates() const { return room != RoomId{}; }
  /// What is moved, as the target knows it.
  Slot target_slot() const { return isolates() ? own : slot; }
};

}  // namespace respring::shardmap
