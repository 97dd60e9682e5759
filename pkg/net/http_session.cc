#include "net/http_session.h"

#include <algorithm>

#include "net/handshake.h"
#include "net/http_answer.h"
#include "net/http_server_shared.h"
#include "telemetry/spans.h"

namespace respring::net {
namespace {

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kMaxChunkHead = 8 * 1024;  // chunk sizes, extensions and trailers

constexpr std::chrono::seconds kDrainingHead{1};

using Clock = std::chrono::steady_clock;

}  // namespace

HttpSession::HttpSession(Socket socket, ConnectionSlot slot,
                         std::shared_ptr<HttpServer::Shared> shared, SessionWorker& worker)
    : socket_(std::move(socket)),
      slot_(std::move(slot)),
      shared_(std::move(shared)),
      worker_(worker) {
  worker_.sessions.insert(this);
  boost::system::error_code ignored;  // a peer that left already is found out by the first read
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto address = socket_.remote_endpoint(ignored).address();
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  remote_ip_ = mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
                      : address.to_string();
}

HttpSession::~HttpSession() { worker_.sessions.erase(this); }

void HttpSession::enter(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  expired_ = false;
  limit_ = Clock::now() + limit;
}

void HttpSession::expire(Clock::time_point now) {
  if (phase_ == Phase::handling || now < limit_) return;
  expired_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void HttpSession::begin_drain() {
  // Whoever has just connected is about to ask.
  const bool about_to_ask = phase_ == Phase::head || (phase_ == Phase::idle && !used_);
  if (about_to_ask) limit_ = std::min(limit_, Clock::now() + kDrainingHead);
  if (phase_ != Phase::idle || about_to_ask) return;
  boost::system::error_code ignored;
  if (nothing_arrived()) socket_.cancel(ignored);
}

bool HttpSession::nothing_arrived() const {
  boost::system::error_code ignored;
  return socket_.available(ignored) == 0;
}

void HttpSession::cut() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void HttpSession::close() {
  if (!socket_.is_open()) return;
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  socket_.close(ignored);
}

Task<void> HttpSession::run() {
  const auto self = shared_from_this();
  // Who came through a door that is being closed may have asked already.
  enter(Phase::idle, shared_->draining ? kDrainingHead : shared_->options.head_timeout);
  bool open = true;
  while (open) {
    const Reading head = co_await read_head();
    if (!head) {
      Request unknown;
      describe(unknown);
      co_await refuse(head.error(), unknown);
      break;
    }
    if (head.value() == 0) break;
    open = co_await serve(head.value());
    used_ = true;
    if (!open || !socket_.is_open()) break;
    if (buffer_.empty()) {
      buffer_.shrink_to_fit();
      enter(Phase::idle, shared_->options.idle_timeout);
      if (shared_->draining && nothing_arrived()) break;
    } else {
      enter(Phase::head, shared_->options.head_timeout);
    }
  }
  if (shared_->draining && phase_ == Phase::idle) co_await take_leave();
  close();
}

Task<bool> HttpSession::read_more() {
  const std::size_t old = buffer_.size();
  buffer_.resize(old + kReadBytes);
  boost::system::error_code error;
  const std::size_t n =
      co_await socket_.async_read_some(asio::buffer(buffer_.data() + old, kReadBytes),
                                       asio::redirect_error(asio::use_awaitable, error));
  buffer_.resize(old + (error ? 0 : n));
  co_return !error;
}

/// The length of the head at the front of the buffer; 0 when the connection ended in good order.
Task<HttpSession::Reading> HttpSession::read_head() {
  std::size_t seen = 0;
  bool skipped_empty_line = false;
  while (true) {
    if (!skipped_empty_line && buffer_.starts_with("\r\n")) {
      buffer_.erase(0, 2);  // RFC 9112 2.2: at least one before the request line is ignored
      skipped_empty_line = true;
      seen = 0;
    }
    if (const std::size_t length = head_length(buffer_, seen); length != 0) {
      RESPRING_CO_TRYV(
          check_head(std::string_view(buffer_).substr(0, length), shared_->options.head));
      co_return length;
    }
    if (seen < buffer_.size()) {
      RESPRING_CO_TRYV(check_partial_head(buffer_, seen, shared_->options.head));
    }
    seen = buffer_.size();
    const bool more = co_await read_more();
    if (!more && expired_ && !buffer_.empty())
      co_return Error{ErrorCode::request_timeout, "the head did not arrive in time", {}, {}};
    if (!more) co_return std::size_t{0};
    if (phase_ == Phase::idle)
      enter(Phase::head, shared_->draining ? kDrainingHead : shared_->options.head_timeout);
  }
}

void HttpSession::describe(Request& request) const { request.remote_ip = remote_ip_; }

/// One request whose head is in the buffer. True when the connection goes on.
Task<bool> HttpSession::serve(std::size_t head_bytes) {
  const auto started = Clock::now();
  Request request;
  RequestParser parser;
  auto read = parser.head(std::string_view(buffer_).substr(0, head_bytes), request);
  buffer_.erase(0, head_bytes);
  describe(request);
  spans::Scope span(request.headers.find("traceparent").value_or(""), "http request",
                    spans::Kind::server);
  request.trace_id = span.trace_id();
  request.traceparent = span.traceparent();
  if (read) read = co_await read_body(parser, request);
  if (!read) {
    co_await refuse(read.error(), request);
    co_return false;
  }
  enter(Phase::handling, {});
  request.deadline = started + shared_->options.handle_timeout;
  if (shared_->upgrade && request.path == shared_->options.upgrade_path) {
    const bool open = co_await upgrade(request, parser.is_1_1());
    co_return open;
  }
  Response response = co_await call_handler(request);
  const bool keep = parser.keep_alive() && !response.close && !shared_->draining;
  const int status = response.status;
  span.set("http.request.method", std::string(name_of(request.method)));
  span.set("http.response.status_code", std::to_string(status));
  if (status >= 500) span.fail();
  if (shared_->options.on_answer)
    shared_->options.on_answer(request, response, Clock::now() - started);
  const bool sent = co_await answer(request, std::move(response), parser.is_1_1(), keep);
  co_return sent&& keep&& status >= 200;
}

Task<Result<void>> HttpSession::read_body(RequestParser& parser, Request& request) {
  if (parser.done()) co_return success();
  const auto& options = shared_->options;
  const auto own = options.body_limit ? options.body_limit(request) : std::nullopt;
  RESPRING_CO_TRYV(parser.limit_body(own.value_or(options.max_body)));
  enter(Phase::body, options.body_timeout);
  if (parser.expects_continue() && buffer_.empty()) {
    const bool asked = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
    if (!asked) co_return invalid("the connection ended");
    enter(Phase::body, options.body_timeout);
  }
  while (!parser.done()) {
    if (!buffer_.empty()) {
      RESPRING_CO_TRY(const std::size_t used, parser.body(buffer_));
      buffer_.erase(0, used);
      if (used != 0) continue;
      if (buffer_.size() > kMaxChunkHead) co_return invalid("malformed chunk");
    }
    const bool more = co_await read_more();
    if (!more && expired_)
      co_return Error{ErrorCode::request_timeout, "the body did not arrive in time", {}, {}};
    if (!more) co_return invalid("the connection ended inside the body");
  }
  request.body = parser.take_body();
  co_return success();
}

Task<Response> HttpSession::call_handler(Request& request) {
  std::string what = "unknown exception";
  try {
    co_return co_await shared_->handler(request);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  shared_->fault("a handler threw: " + what);
  co_return problem_response(internal(what), request);
}

Task<UpgradeDecision> HttpSession::call_upgrade(Request& request) {
  std::string what = "unknown exception";
  try {
    co_return co_await shared_->upgrade(request);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  shared_->fault("the upgrade hook threw: " + what);
  co_return UpgradeDecision{problem_response(internal(what), request), {}};
}

/// False: the connection is closed or belongs to someone else now.
Task<bool> HttpSession::upgrade(Request& request, bool is_1_1) {
  Response handshake = websocket_handshake(request);
  UpgradeDecision decision;
  if (!is_1_1) {
    decision.refusal = problem_response(invalid("a WebSocket needs HTTP/1.1"), request);
  } else if (handshake.status != 101) {
    decision.refusal = std::move(handshake);
  } else if (shared_->draining) {
    decision.refusal = problem_response(overloaded("this node is leaving"), request);
  } else {
    decision = co_await call_upgrade(request);
  }
  if (shared_->options.on_answer)
    shared_->options.on_answer(request, decision.refusal ? *decision.refusal : handshake, {});
  if (decision.refusal) {
    co_await answer(request, std::move(*decision.refusal), true, false);
    co_return false;
  }
  const std::string head = render_head(handshake, {});
  const bool sent = co_await send(head);
  if (sent && decision.take) {
    worker_.sessions.erase(this);
    decision.take({std::move(socket_), std::move(buffer_), std::move(slot_)});
  }
  co_return false;
}

}  // namespace respring::net
