#include "net/ws_loop.h"

#include "net/ws_connection.h"

namespace respring::net {

WsLoop::WsLoop(asio::execution_context& context)
    : asio::execution_context::service(context),
      context_(static_cast<asio::io_context&>(context)),
      read_buffer_(kReadBytes) {}

WsLoop& WsLoop::of(asio::io_context& context) { return asio::use_service<WsLoop>(context); }

void WsLoop::flush_later(std::shared_ptr<WsConnection> connection) {
  dirty_.push_back(std::move(connection));
  // Behind everything that is ready to run now, so that this turn's frames leave together.
  if (dirty_.size() == 1) asio::post(context_, [this] { flush_all(); });
}

void WsLoop::flush_all() {
  flushing_.swap(dirty_);
  for (const auto& connection : flushing_) connection->flush();
  flushing_.clear();
}

}  // namespace respring::net
