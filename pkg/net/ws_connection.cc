// A live WebSocket. It waits for readiness instead of keeping a read under way, because ten
// thousand idle connections must not hold ten thousand buffers; and it writes by its own sendmsg,
// because one system call for up to 64 frames is what makes fan-out cheap.

#include "net/ws_connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "base/ids.h"
#include "net/ws_loop.h"

namespace respring::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxPieces = 64;
constexpr std::size_t kFirstCapacity = 8;
constexpr int kMaxWritesPerTurn = 8;  // then others get their turn
constexpr auto kControlWindow = std::chrono::seconds(10);

}  // namespace

std::shared_ptr<WsConnection> WsConnection::start(UpgradedSocket upgraded, WsRole role,
                                                  std::shared_ptr<const WsOptions> options,
                                                  std::shared_ptr<WsHandler> handler) {
  auto& context = static_cast<asio::io_context&>(upgraded.socket.get_executor().context());
  std::string read_ahead = std::move(upgraded.read_ahead);
  std::shared_ptr<WsConnection> connection(new WsConnection(
      std::move(upgraded), role, std::move(options), std::move(handler), WsLoop::of(context)));
  if (!read_ahead.empty()) {
    connection->unread_ = std::make_unique<std::string>(std::move(read_ahead));
    connection->paused_ = true;
    asio::post(context, [connection] { connection->resume_reading(); });
  } else {
    connection->wait_readable();
  }
  return connection;
}

WsConnection::WsConnection(UpgradedSocket upgraded, WsRole role,
                           std::shared_ptr<const WsOptions> options,
                           std::shared_ptr<WsHandler> handler, WsLoop& loop)
    : socket_(std::move(upgraded.socket)),
      slot_(std::move(upgraded.slot)),
      loop_(loop),
      options_(std::move(options)),
      handler_(std::move(handler)),
      last_activity_(Clock::now()),
      role_(role),
      decoder_(role, options_->max_message) {}

WsConnection::~WsConnection() = default;

void WsConnection::post(std::function<void()> function) {
  asio::post(loop_.context(), std::move(function));
}

// Reading.

void WsConnection::wait_readable() {
  if (reading_ || paused_ || state_ == State::closed) return;
  reading_ = true;
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->reading_ = false;
                       if (!error) self->on_readable();
                     });
}

void WsConnection::on_readable() {
  if (state_ == State::closed || paused_) return;
  std::vector<char>& buffer = loop_.read_buffer();
  const ssize_t n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n > 0) {
    last_activity_ = Clock::now();
    take_bytes(std::span<char>(buffer.data(), static_cast<std::size_t>(n)));
  } else if (n == 0) {
    peer_closed_ = true;
    finish(state_ == State::closing ? code_ : close_code::kAbnormal);
  } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    finish(state_ == State::closing ? code_ : close_code::kAbnormal);
  }
  wait_readable();
}

void WsConnection::take_bytes(std::span<char> bytes) {
  while (state_ != State::closed && !paused_) {
    const FrameDecoder::Item item = decoder_.next(bytes);
    if (item.kind == FrameDecoder::Item::Kind::need_more) return;
    take_item(item);
  }
  if (state_ != State::closed && !bytes.empty())
    unread_ = std::make_unique<std::string>(bytes.begin(), bytes.end());
}

void WsConnection::take_item(const FrameDecoder::Item& item) {
  using Kind = FrameDecoder::Item::Kind;
  switch (item.kind) {
    case Kind::text:
      // While closing, what still comes is read only to find the peer's close frame.
      if (state_ == State::open) {
        const auto handler = handler_;  // on_message may close us
        handler->on_message(item.payload);
      }
      return;
    case Kind::ping:
    case Kind::pong:
      return take_control(item);
    case Kind::close:
      peer_closed_ = true;
      begin_closing(item.code, {});
      return end_if_done();
    case Kind::fault:
      return begin_closing(item.code, item.payload);
    case Kind::need_more:
      return;
  }
}

void WsConnection::take_control(const FrameDecoder::Item& item) {
  if (last_activity_ - controls_since_ > kControlWindow) {
    controls_since_ = last_activity_;
    controls_ = 0;
  }
  if (++controls_ > options_->max_controls || !has_room(item.payload.size()))
    return begin_closing(close_code::kPolicy, "too many control frames");
  if (item.kind == FrameDecoder::Item::Kind::ping && state_ == State::open)
    push(control_frame(Opcode::pong, item.payload));
}

void WsConnection::resume_reading() {
  paused_ = false;
  if (unread_) {
    const auto kept = std::move(unread_);
    take_bytes(std::span<char>(*kept));
  }
  wait_readable();
}

// Writing.

std::optional<Clock::time_point> WsConnection::stalled_since() const {
  if (stalled_since_ == Clock::time_point{}) return std::nullopt;
  return stalled_since_;
}

bool WsConnection::has_room(std::size_t bytes) const {
  return queued_bytes_ + bytes <= options_->max_queued_bytes &&
         queued_frames() < options_->max_queued_frames;
}

bool WsConnection::send(Frame frame) {
  if (state_ != State::open || !has_room(frame->size())) return false;
  push(std::move(frame));
  return true;
}

void WsConnection::push(Frame frame) {
  if (queue_.capacity() == 0) queue_.reserve(kFirstCapacity);
  queued_bytes_ += frame->size();
  queue_.push_back(std::move(frame));
  if (dirty_ || waiting_to_write_) return;
  dirty_ = true;
  loop_.flush_later(shared_from_this());
}

Frame WsConnection::control_frame(Opcode opcode, std::string_view payload) const {
  // The mask keeps proxies from reading a browser's bytes as HTTP; ours need not be secret.
  return std::make_shared<const std::string>(
      role_ == WsRole::server
          ? encode_frame(opcode, payload)
          : encode_masked(opcode, payload, static_cast<std::uint32_t>(new_id_value())));
}

void WsConnection::flush() {
  dirty_ = false;
  if (state_ == State::closed || waiting_to_write_) return;
  for (int i = 0; i < kMaxWritesPerTurn && queued_frames() != 0; ++i) {
    if (!write_once()) return;
  }
  if (queued_frames() != 0) {
    dirty_ = true;
    loop_.flush_later(shared_from_this());
  } else if (state_ == State::closing && !close_flushed_) {
    close_flushed_ = true;
    boost::system::error_code ignored;
    if (role_ == WsRole::server) socket_.shutdown(Socket::shutdown_send, ignored);
    end_if_done();
  }
}

/// One gather write. False when it cannot go on now.
bool WsConnection::write_once() {
  iovec pieces[kMaxPieces];
  const std::size_t count = std::min(queued_frames(), kMaxPieces);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& frame = *queue_[queue_head_ + i];
    const std::size_t skip = i == 0 ? written_of_head_ : 0;
    pieces[i] = {const_cast<char*>(frame.data()) + skip, frame.size() - skip};
  }
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = count;
  const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0) {
    stalled_since_ = {};
    consume(static_cast<std::size_t>(n));
    return true;
  }
  if (n < 0 && errno == EINTR) return true;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    wait_writable();
  } else {
    finish(state_ == State::closing ? code_ : close_code::kAbnormal);
  }
  return false;
}

void WsConnection::consume(std::size_t written) {
  queued_bytes_ -= written;
  while (written != 0) {
    const std::size_t left = queue_[queue_head_]->size() - written_of_head_;
    if (written < left) {
      written_of_head_ += static_cast<std::uint32_t>(written);
      return;
    }
    written -= left;
    written_of_head_ = 0;
    queue_[queue_head_++].reset();
  }
  if (queue_head_ == queue_.size()) {
    std::vector<Frame>().swap(queue_);
    queue_head_ = 0;
  } else if (queue_head_ > kMaxPieces && queue_head_ * 2 > queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + queue_head_);
    queue_head_ = 0;
  }
}

void WsConnection::wait_writable() {
  if (stalled_since_ == Clock::time_point{}) stalled_since_ = Clock::now();
  waiting_to_write_ = true;
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->waiting_to_write_ = false;
                       if (!error) self->flush();
                     });
}

// Ending.

void WsConnection::close(std::uint16_t code, std::string_view reason) {
  if (state_ == State::open) begin_closing(code, reason);
}

void WsConnection::begin_closing(std::uint16_t code, std::string_view reason) {
  if (state_ != State::open) return;
  state_ = State::closing;
  code_ = code;
  if (stalled_since_ != Clock::time_point{} && queued_frames() > 1) {
    // Nobody reads what is queued. Only the frame that has begun to leave must be finished.
    const std::size_t keep = queue_head_ + (written_of_head_ != 0 ? 1U : 0U);
    for (std::size_t i = keep; i < queue_.size(); ++i) queued_bytes_ -= queue_[i]->size();
    queue_.resize(keep);
  }
  push(control_frame(Opcode::close,
                     code == close_code::kNone ? std::string() : close_body(code, reason)));
  close_timer_ = std::make_unique<asio::steady_timer>(loop_.context(), options_->close_timeout);
  close_timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->finish(self->code_);
  });
  if (paused_) resume_reading();  // the peer's close frame may wait behind what we did not read
}

void WsConnection::end_if_done() {
  // A client leaves the end of the TCP connection to the server (RFC 6455 7.1.1).
  if (peer_closed_ && close_flushed_ && role_ == WsRole::server) finish(code_);
}

void WsConnection::cut() { finish(state_ == State::closing ? code_ : close_code::kAbnormal); }

void WsConnection::finish(std::uint16_t code) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  boost::system::error_code ignored;
  socket_.close(ignored);
  close_timer_.reset();
  unread_.reset();
  std::vector<Frame>().swap(queue_);
  queue_head_ = 0;
  queued_bytes_ = 0;
  slot_ = ConnectionSlot();
  // In a later turn, so that no owner is called back from inside his own call.
  asio::post(loop_.context(), [handler = std::move(handler_), code] { handler->on_closed(code); });
}

}  // namespace respring::net
