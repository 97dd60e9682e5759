#pragma once

#include <memory>
#include <vector>

#include "async/asio.h"

namespace respring::net {

class WsConnection;

/// What all WebSockets of one io_context share: the buffer they read into, and the list of those
/// that have something to send, flushed once per turn of the loop however many frames were queued.
class WsLoop : public asio::execution_context::service {
 public:
  using key_type = WsLoop;
  static inline asio::execution_context::id id;
  static constexpr std::size_t kReadBytes = 64 * 1024;

  explicit WsLoop(asio::execution_context& context);

  /// The one of this io_context. On its thread.
  static WsLoop& of(asio::io_context& context);

  asio::io_context& context() { return context_; }
  std::vector<char>& read_buffer() { return read_buffer_; }
  void flush_later(std::shared_ptr<WsConnection> connection);

 private:
  void shutdown() override { dirty_.clear(); }
  void flush_all();

  asio::io_context& context_;
  std::vector<char> read_buffer_;
  std::vector<std::shared_ptr<WsConnection>> dirty_;
  std::vector<std::shared_ptr<WsConnection>> flushing_;
};

}  // namespace respring::net
