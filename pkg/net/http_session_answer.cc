// How a session writes: answers, files, streams, and the last word to a client it gives up on.

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "net/http_answer.h"
#include "net/http_server_shared.h"
#include "net/http_session.h"
#include "telemetry/metrics.h"

namespace respring::net {
namespace {

constexpr std::size_t kFilePiece = 64 * 1024;
constexpr std::size_t kMaxLingerBytes = 1024 * 1024;
constexpr std::chrono::milliseconds kLeaveTaking{250};  // a way there and back

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace

Task<bool> HttpSession::send(std::string_view first, std::string_view second) {
  enter(Phase::writing, shared_->options.write_timeout);
  std::array<asio::const_buffer, 2> pieces = {asio::buffer(first.data(), first.size()),
                                              asio::buffer(second.data(), second.size())};
  boost::system::error_code error;
  while (pieces[0].size() + pieces[1].size() != 0) {
    // Piece by piece, so that the time-out measures a client that takes nothing, not a slow one.
    std::size_t n =
        co_await socket_.async_write_some(pieces, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    for (auto& piece : pieces) {
      const std::size_t part = std::min(n, piece.size());
      piece += part;
      n -= part;
    }
    enter(Phase::writing, shared_->options.write_timeout);
  }
  co_return true;
}

Task<bool> HttpSession::answer(const Request& request, Response response, bool is_1_1,
                               bool keep_alive) {
  std::error_code missing;
  AnswerFraming framing{keep_alive, false, {}};
  if (response.stream) {
    framing.chunked = is_1_1;
    framing.keep_alive = keep_alive && is_1_1;
  } else if (response.file) {
    framing.length = std::filesystem::file_size(*response.file, missing);
    if (missing) {
      Response absent = problem_response(not_found(), request);
      response = std::move(absent);
    }
  }
  if (!response.stream && !response.file) framing.length = response.body.size();

  const std::string head = render_head(response, framing);
  const bool silent = request.method == Method::head || !has_body(response.status);
  if (silent || (!response.stream && !response.file)) {
    const std::string_view body = silent ? std::string_view() : std::string_view(response.body);
    const bool sent = co_await send(head, body);
    co_return sent&& framing.keep_alive;
  }
  bool sent = co_await send(head);
  if (sent && response.stream) {
    sent = co_await send_body(response, framing.chunked);
  } else if (sent) {
    sent = co_await send_file(response, *framing.length);
  }
  co_return sent&& framing.keep_alive;
}

Task<bool> HttpSession::send_body(const Response& response, bool chunked) {
  while (true) {
    enter(Phase::handling, {});
    auto next = co_await response.stream();
    if (!next) {
      // Half an answer must not look like a whole one.
      shared_->fault("a streamed answer broke off: " + next.error().detail);
      co_return false;
    }
    if (!next.value()) break;
    if (next.value()->empty()) continue;
    const std::string piece = chunked ? render_chunk(*next.value()) : std::move(*next.value());
    const bool sent = co_await send(piece);
    if (!sent) co_return false;
  }
  if (!chunked) co_return true;
  const std::string last = render_chunk({});
  const bool sent = co_await send(last);
  co_return sent;
}

Task<bool> HttpSession::send_file(const Response& response, std::uint64_t length) {
  const File file(std::fopen(response.file->c_str(), "rb"));
  std::string piece;
  while (file && length > 0) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(length, kFilePiece)));
    const std::size_t n = std::fread(piece.data(), 1, piece.size(), file.get());
    if (n == 0) break;  // it became shorter: the connection must end
    const bool sent = co_await send(std::string_view(piece).substr(0, n));
    if (!sent) co_return false;
    length -= n;
  }
  co_return length == 0;
}

Task<void> HttpSession::refuse(const Error& error, const Request& request) {
  Response response = problem_response(error, request);
  response.close = true;
  for (const auto& [name, value] : shared_->options.refusal_headers)
    response.headers.add(name, value);
  const std::string reason(name_of(error.code));
  metrics::counter("respring_http_refused_total", {{"reason", reason}}).add();
  if (shared_->options.on_answer) shared_->options.on_answer(request, response, {});
  co_await answer(request, std::move(response), true, false);
  co_await linger(shared_->options.linger);
}

/// The last word on a connection between requests. A request may be on its way that nobody will
/// read: 408 says so, and that it may be repeated (RFC 9110 15.5.9). A client that has asked
/// nothing yet (browsers connect ahead) could take it for an answer to its first request.
Task<void> HttpSession::take_leave() {
  if (used_) {
    const Request unread;
    const Error leaving{ErrorCode::request_timeout, "this node is leaving", {}, {}};
    Response response = problem_response(leaving, unread);
    co_await answer(unread, std::move(response), true, false);
  }
  co_await linger(std::min(shared_->options.linger, kLeaveTaking));
}

/// Closing while the client still sends makes the kernel reset the connection, and the client may
/// lose the answer. So read on for a moment (RFC 9112 9.6).
Task<void> HttpSession::linger(std::chrono::milliseconds limit) {
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) co_return;
  enter(Phase::lingering, limit);
  buffer_.resize(4096);
  std::size_t total = 0;
  while (!error && total < kMaxLingerBytes) {
    total += co_await socket_.async_read_some(asio::buffer(buffer_),
                                              asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace respring::net
