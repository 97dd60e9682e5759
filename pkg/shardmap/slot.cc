#include "shardmap/slot.h"

#include <xxhash.h>

#include <array>

namespace respring::shardmap {

Slot hashed_slot_of(RoomId room) {
  std::array<std::uint8_t, 8> bytes;
  auto rest = static_cast<std::uint64_t>(room.value);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(rest);
    rest >>= 8;
  }
  return Slot{static_cast<std::int32_t>(XXH3_64bits(bytes.data(), bytes.size()) >> 52)};
}

}  // namespace respring::shardmap
