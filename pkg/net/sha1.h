#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace respring::net {

/// SHA-1 (RFC 3174). Only for the WebSocket handshake, which prescribes it and does not rely on its
/// strength.
std::array<std::uint8_t, 20> sha1(std::string_view text);

}  // namespace respring::net
