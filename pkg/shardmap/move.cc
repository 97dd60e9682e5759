#include "shardmap/move.h"

#include <algorithm>
#include <array>

namespace respring::shardmap {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"RUN", "COMMITTED", "ABORTED", "DONE"};
constexpr std::array<std::string_view, 3> kWishes = {"run", "pause", "abort"};
constexpr std::array<std::string_view, 5> kCauses = {"", "wish", "pause", "difference", "failure"};

}  // namespace

std::string_view name_of(MoveState state) { return kStates[static_cast<std::size_t>(state)]; }

// An unknown one is of a newer program: it is left alone.
MoveState move_state_named(std::string_view name) {
  const auto found = std::ranges::find(kStates, name);
  return found == kStates.end() ? MoveState::done : static_cast<MoveState>(found - kStates.begin());
}

std::string_view name_of(MoveWish wish) { return kWishes[static_cast<std::size_t>(wish)]; }

MoveWish move_wish_named(std::string_view name) {
  const auto found = std::ranges::find(kWishes, name);
  return found == kWishes.end() ? MoveWish::run : static_cast<MoveWish>(found - kWishes.begin());
}

std::string_view name_of(AbortCause cause) { return kCauses[static_cast<std::size_t>(cause)]; }

AbortCause abort_cause_named(std::string_view name) {
  const auto found = std::ranges::find(kCauses, name);
  return found == kCauses.end() ? AbortCause::none
                                : static_cast<AbortCause>(found - kCauses.begin());
}

}  // namespace respring::shardmap
