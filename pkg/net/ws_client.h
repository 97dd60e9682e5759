#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/ws_connection.h"

namespace respring::net {

/// Where a WebSocket client goes. Without TLS; the host is an IP address.
struct WsTarget {
  std::string host = "127.0.0.1";
  std::uint16_t port = 80;
  std::string path = "/v1/ws";
  Headers headers;  ///< Authorization and the like, beside the handshake's own
};

/// Opens a WebSocket with the subprotocol `respring.v1`. Runs on, and the connection then lives on,
/// that io_context: await it there. A refusal comes with the code of its problem, everything else
/// is `upstream_unavailable`. Made for thousands in one process: no thread, no timer and no buffer
/// stay with an idle connection.
Task<Result<std::shared_ptr<WsConnection>>> connect_websocket(
    asio::io_context& context, WsTarget target, std::shared_ptr<const WsOptions> options,
    std::shared_ptr<WsHandler> handler, std::chrono::steady_clock::time_point deadline);

/// One text message as a client sends it, masked.
Frame client_text(std::string_view text);

}  // namespace respring::net
