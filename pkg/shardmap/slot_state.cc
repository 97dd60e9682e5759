#include "shardmap/slot_state.h"

#include <algorithm>
#include <array>

namespace respring::shardmap {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"NONE",   "ACTIVE", "MOVING",
                                                    "FROZEN", "GONE",   "IMPORTING"};

}  // namespace

std::string_view name_of(SlotState state) { return kNames[static_cast<std::size_t>(state)]; }

SlotState slot_state_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  return found == kNames.end() ? SlotState::none : static_cast<SlotState>(found - kNames.begin());
}

}  // namespace respring::shardmap
