#include "net/http_exchange.h"

#include <sys/socket.h>

#include <algorithm>

namespace respring::net {
namespace {

using Clock = PeerConnection::Clock;
using Tcp = asio::ip::tcp;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kMaxInterim = 8;  // 1xx answers before the real one

bool is_safe(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

enum class Came : std::uint8_t { interim, answer, broken };

/// One head and, unless it is to be streamed, its body.
Task<Came> read_one(PeerConnection& connection, const ExchangeOptions& options,
                    Exchange& exchange) {
  auto parser =
      std::make_shared<AnswerParser>(options.head_only, options.max_body, options.streamed);
  while (!parser->done() && !parser->is_stream()) {
    const auto over = co_await read_more(connection, *parser, exchange.answered);
    if (!over) {
      exchange.why = over.error().detail;
      co_return Came::broken;
    }
    if (over.value()) break;
  }
  const bool streams = parser->is_stream() && !parser->done();
  exchange.keep = parser->done() && connection.buffer.empty() && parser->keep_alive();
  ClientResponse response = parser->take();
  if (response.status / 100 == 1) co_return Came::interim;  // 100 Continue and the like
  if (streams) exchange.unfinished = std::move(parser);
  exchange.response = std::move(response);
  co_return Came::answer;
}

Task<void> read_answer(PeerConnection& connection, const ExchangeOptions& options,
                       Exchange& exchange) {
  for (int interim = 0; interim < kMaxInterim; ++interim) {
    const Came came = co_await read_one(connection, options, exchange);
    if (came != Came::interim) co_return;
  }
  exchange.why = "too many interim answers";
}

}  // namespace

bool PeerConnection::looks_alive() {
  char byte = 0;
  const ssize_t n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

ConnectionWatch::ConnectionWatch(const asio::any_io_executor& executor,
                                 const PeerConnectionPtr& connection, Clock::time_point deadline)
    : timer_(executor, deadline), fired_(std::make_shared<bool>(false)) {
  // A handler that waits in its loop's queue must not own the connection, which may live on
  // another loop and would be destroyed after it.
  auto expired = [weak = std::weak_ptr(connection),
                  fired = fired_](const boost::system::error_code& error) {
    const auto alive = error ? nullptr : weak.lock();
    if (!alive) return;
    *fired = true;
    boost::system::error_code ignored;
    alive->socket.close(ignored);
  };
  timer_.async_wait(std::move(expired));
}

Result<std::string> render_request(const ClientRequest& request, const HttpClientOptions& options) {
  if (!is_safe(request.target) || request.target.find(' ') != std::string::npos)
    return internal("malformed request target");
  std::string out(name_of(request.method));
  out += " " + request.target + " HTTP/1.1\r\nHost: " + options.host + ":" +
         std::to_string(options.port) + "\r\n";
  if (!request.content_type.empty()) out += "Content-Type: " + request.content_type + "\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_safe(name) || !is_safe(value)) return internal("malformed header " + name);
    out.append(name).append(": ").append(value).append("\r\n");
  }
  const bool has_body = !request.body.empty() || request.method == Method::post ||
                        request.method == Method::put || request.method == Method::patch;
  if (has_body) out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  out += "\r\n" + request.body;
  return out;
}

Task<Result<bool>> read_more(PeerConnection& connection, AnswerParser& parser, bool& answered) {
  std::string& buffer = connection.buffer;
  RESPRING_CO_TRY(const std::size_t used, parser.feed(buffer));
  buffer.erase(0, used);
  if (parser.done()) co_return true;
  if (used != 0) co_return false;
  const std::size_t old = buffer.size();
  buffer.resize(old + kReadBytes);
  boost::system::error_code error;
  const std::size_t n =
      co_await connection.socket.async_read_some(asio::buffer(buffer.data() + old, kReadBytes),
                                                 asio::redirect_error(asio::use_awaitable, error));
  buffer.resize(old + n);
  answered = answered || n != 0;
  if (error == asio::error::eof && answered && parser.end()) co_return true;
  if (error) co_return unavailable(error.message());
  co_return false;
}

Task<Exchange> exchange_on(PeerConnectionPtr connection, const std::string& bytes,
                           ExchangeOptions options, Clock::time_point deadline) {
  Exchange exchange;
  const auto executor = co_await asio::this_coro::executor;
  const ConnectionWatch watch(executor, connection, deadline);
  boost::system::error_code error;
  exchange.sent = co_await asio::async_write(connection->socket, asio::buffer(bytes),
                                             asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    exchange.why = error.message();
  } else {
    co_await read_answer(*connection, options, exchange);
  }
  if (watch.fired()) exchange.why = "no answer in time";
  co_return exchange;
}

Task<Result<PeerConnectionPtr>> open_connection(const HttpClientOptions& options,
                                                Clock::time_point deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string peer = options.host + ":" + std::to_string(options.port);
  auto connection = std::make_shared<PeerConnection>(executor);
  const ConnectionWatch watch(executor, connection,
                              std::min(deadline, Clock::now() + options.connect_timeout));
  boost::system::error_code error;
  Tcp::resolver resolver(executor);
  const auto endpoints = co_await resolver.async_resolve(
      options.host, std::to_string(options.port), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return unavailable("cannot resolve " + peer + ": " + error.message());
  for (const auto& endpoint : endpoints) {
    boost::system::error_code ignored;
    connection->socket.close(ignored);
    co_await connection->socket.async_connect(endpoint,
                                              asio::redirect_error(asio::use_awaitable, error));
    if (!error || watch.fired()) break;
  }
  if (watch.fired()) co_return unavailable("no connection to " + peer + " in time");
  if (error) co_return unavailable("cannot connect to " + peer + ": " + error.message());
  connection->socket.set_option(Tcp::no_delay(true), error);
  co_return connection;
}

}  // namespace respring::net
