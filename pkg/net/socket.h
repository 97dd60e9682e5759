#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "async/asio.h"

namespace respring::net {

/// A TCP socket that names its executor's type: smaller and quicker than Asio's default, which
/// erases it.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// One place among the connections a server accepts; given back when it is destroyed.
class ConnectionSlot {
 public:
  ConnectionSlot() = default;
  explicit ConnectionSlot(std::shared_ptr<std::atomic<std::size_t>> count)
      : count_(std::move(count)) {
    count_->fetch_add(1, std::memory_order_relaxed);
  }
  ConnectionSlot(ConnectionSlot&& other) noexcept = default;
  ConnectionSlot& operator=(ConnectionSlot&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }
  ~ConnectionSlot() {
    if (count_) count_->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<std::atomic<std::size_t>> count_;
};

/// What is left of a connection after its WebSocket handshake: the raw socket, on the io_context it
/// was accepted for, and what the client has already sent behind the handshake.
struct UpgradedSocket {
  Socket socket;
  std::string read_ahead;
  ConnectionSlot slot;
};

}  // namespace respring::net
