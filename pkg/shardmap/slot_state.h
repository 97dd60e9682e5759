#pragma once

#include <cstdint>
#include <string_view>

namespace respring::shardmap {

/// What a shard says about a slot. Writes go to ACTIVE and MOVING ones, reads also to FROZEN ones;
/// the rows of an IMPORTING slot are not there yet, those of a GONE one not any more.
enum class SlotState : std::uint8_t { none, active, moving, frozen, gone, importing };

/// `ACTIVE`, …, as it is stored.
std::string_view name_of(SlotState state);
/// NONE for an unknown name: nobody may write there.
SlotState slot_state_named(std::string_view name);

}  // namespace respring::shardmap
