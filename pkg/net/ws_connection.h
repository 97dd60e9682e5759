#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "net/frame_codec.h"
#include "net/socket.h"

namespace respring::net {

struct WsOptions {
  std::size_t max_message = 64 * 1024;
  std::size_t max_queued_bytes = 1024 * 1024;  ///< not yet taken by the kernel
  std::size_t max_queued_frames = 1024;
  std::uint16_t max_controls = 120;  ///< pings and pongs within ten seconds, else 1008
  std::chrono::milliseconds close_timeout{5'000};
};

/// What the owner of a connection is told, on the connection's thread.
class WsHandler {
 public:
  virtual ~WsHandler() = default;
  /// One whole text message, valid UTF-8. The view dies with the call.
  virtual void on_message(std::string_view text) = 0;
  /// The last call, exactly once: our code if we closed, else the peer's, 1005 if it gave none,
  /// 1006 if the connection broke.
  virtual void on_closed(std::uint16_t code) = 0;
};

class WsLoop;

/// A WebSocket after its handshake, on its raw socket. It lives on one io_context: use it on that
/// thread only, or post(). It stays alive by itself until it is closed; then it lets go of its
/// handler. Idle, it holds no buffer and no timer: the owner sweeps his connections and looks at
/// last_activity() and stalled_since(). Nobody may hold one longer than its io_context lives.
class WsConnection : public std::enable_shared_from_this<WsConnection> {
 public:
  /// On the socket's thread. The first message comes in a later turn of the loop.
  static std::shared_ptr<WsConnection> start(UpgradedSocket upgraded, WsRole role,
                                             std::shared_ptr<const WsOptions> options,
                                             std::shared_ptr<WsHandler> handler);
  ~WsConnection();
  WsConnection(const WsConnection&) = delete;
  WsConnection& operator=(const WsConnection&) = delete;

  /// Queues a frame; everything queued in one turn of the loop leaves with one gather write.
  /// False, and nothing queued: over the limits, or closing.
  bool send(Frame frame);
  /// Whether send() would take a frame of that size.
  bool has_room(std::size_t bytes) const;
  std::size_t queued_bytes() const { return queued_bytes_; }
  std::size_t queued_frames() const { return queue_.size() - queue_head_; }
  /// Since when the kernel has taken nothing of what is queued.
  std::optional<std::chrono::steady_clock::time_point> stalled_since() const;
  /// When the peer's last bytes came.
  std::chrono::steady_clock::time_point last_activity() const { return last_activity_; }

  /// Stops reading, so that TCP slows the peer down; what was read already is kept.
  void pause_reading() { paused_ = true; }
  void resume_reading();

  /// Sends a close frame behind what is queued (instead of it when the peer has stalled) and ends
  /// within the time-out, with or without the peer's close frame.
  void close(std::uint16_t code, std::string_view reason = {});
  /// Ends it now, without a close frame.
  void cut();
  bool is_open() const { return state_ == State::open; }

  /// Runs the function on the connection's thread. Safe from any thread.
  void post(std::function<void()> function);

 private:
  friend class WsLoop;
  enum class State : std::uint8_t { open, closing, closed };

  WsConnection(UpgradedSocket upgraded, WsRole role, std::shared_ptr<const WsOptions> options,
               std::shared_ptr<WsHandler> handler, WsLoop& loop);

  void wait_readable();
  void on_readable();
  void take_bytes(std::span<char> bytes);
  void take_item(const FrameDecoder::Item& item);
  void take_control(const FrameDecoder::Item& item);
  void push(Frame frame);
  Frame control_frame(Opcode opcode, std::string_view payload) const;
  void flush();
  bool write_once();
  void consume(std::size_t written);
  void wait_writable();
  void begin_closing(std::uint16_t code, std::string_view reason);
  void end_if_done();
  void finish(std::uint16_t code);

  Socket socket_;
  ConnectionSlot slot_;
  WsLoop& loop_;
  std::shared_ptr<const WsOptions> options_;
  std::shared_ptr<WsHandler> handler_;
  std::vector<Frame> queue_;  ///< from queue_head_ on; freed when it runs empty
  std::unique_ptr<asio::steady_timer> close_timer_;
  std::unique_ptr<std::string> unread_;  ///< read but not decoded: read-ahead, or paused
  std::chrono::steady_clock::time_point last_activity_;
  std::chrono::steady_clock::time_point stalled_since_{};
  std::chrono::steady_clock::time_point controls_since_{};
  std::size_t queued_bytes_ = 0;
  std::uint32_t queue_head_ = 0;
  std::uint32_t written_of_head_ = 0;
  std::uint16_t controls_ = 0;
  std::uint16_t code_ = 0;
  State state_ = State::open;
  bool paused_ = false;
  bool reading_ = false;  ///< a wait for bytes is under way
  bool waiting_to_write_ = false;
  bool dirty_ = false;          ///< in the loop's list of those to flush
  bool peer_closed_ = false;    ///< its close frame, or its end, has come
  bool close_flushed_ = false;  ///< our close frame has left
  const WsRole role_;
  FrameDecoder decoder_;
};

}  // namespace respring::net
