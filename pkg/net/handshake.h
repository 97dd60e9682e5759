#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

/// The opening handshake of RFC 6455 4.2, pure.
namespace respring::net {

inline constexpr std::string_view kSubprotocol = "respring.v1";

/// Whether the request wants to become a WebSocket at all (Upgrade and Connection say so).
bool wants_websocket(const Request& request);

/// The 101 answer, or the refusal: 405 for another method, 426 without an upgrade or with another
/// version than 13, 400 for everything else. Echoes the subprotocol `respring.v1` when it was
/// offered.
Response websocket_handshake(const Request& request);

/// The value of Sec-WebSocket-Accept for a key.
std::string websocket_accept(std::string_view key);

}  // namespace respring::net
