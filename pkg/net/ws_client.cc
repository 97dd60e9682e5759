#include "net/ws_client.h"

#include "base/ids.h"
#include "base/json.h"
#include "net/handshake.h"
#include "net/http_answer_parser.h"

namespace respring::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxAnswer = 64 * 1024;

/// 16 random bytes in base64. Random enough for what the key is for: recognising one's own answer.
std::string new_key() {
  std::string key;
  for (const char c : random_token(16)) key += c == '-' ? '+' : c == '_' ? '/' : c;
  return key + "==";
}

std::string render(const WsTarget& target, const std::string& key) {
  std::string out = "GET " + target.path + " HTTP/1.1\r\nHost: " + target.host + ":" +
                    std::to_string(target.port) +
                    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                    key + "\r\nSec-WebSocket-Protocol: " + std::string(kSubprotocol) + "\r\n";
  for (const auto& [name, value] : target.headers) out.append(name + ": " + value + "\r\n");
  return out + "\r\n";
}

Error refusal(const ClientResponse& answer) {
  const auto problem = json::parse(answer.body);
  const auto code = problem ? error_code_named(problem.value().string_or("code")) : std::nullopt;
  return {code.value_or(ErrorCode::upstream_unavailable),
          "the WebSocket was refused with status " + std::to_string(answer.status),
          {},
          {}};
}

/// Reads the answer to the handshake; what comes behind it stays in `buffer`.
Task<Result<ClientResponse>> read_answer(Socket& socket, std::string& buffer) {
  AnswerParser parser(false, kMaxAnswer);
  boost::system::error_code error;
  while (!parser.done()) {
    RESPRING_CO_TRY(const std::size_t used, parser.feed(buffer));
    buffer.erase(0, used);
    if (parser.done() || used != 0) continue;
    const std::size_t old = buffer.size();
    if (old > kMaxAnswer) co_return unavailable("the answer to the handshake is too long");
    buffer.resize(old + 2048);
    const std::size_t n = co_await socket.async_read_some(
        asio::buffer(buffer.data() + old, 2048), asio::redirect_error(asio::use_awaitable, error));
    buffer.resize(old + n);
    if (error) co_return unavailable("the connection ended in the handshake: " + error.message());
  }
  co_return parser.take();
}

Task<Result<void>> shake_hands(Socket& socket, const WsTarget& target, std::string& buffer) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(target.host, error);
  if (error) co_return invalid("not an IP address: " + target.host);
  const asio::ip::tcp::endpoint endpoint(address, target.port);
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return unavailable("cannot connect: " + error.message());
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  const std::string key = new_key();
  const std::string request = render(target, key);
  co_await asio::async_write(socket, asio::buffer(request),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return unavailable("cannot send: " + error.message());
  RESPRING_CO_TRY(const ClientResponse answer, co_await read_answer(socket, buffer));
  if (answer.status != 101) co_return refusal(answer);
  if (answer.headers.find("sec-websocket-accept") != websocket_accept(key))
    co_return unavailable("the peer does not speak WebSocket");
  co_return success();
}

}  // namespace

Task<Result<std::shared_ptr<WsConnection>>> connect_websocket(
    asio::io_context& context, WsTarget target, std::shared_ptr<const WsOptions> options,
    std::shared_ptr<WsHandler> handler, Clock::time_point deadline) {
  auto socket = std::make_shared<Socket>(context);
  asio::steady_timer timer(context, deadline);
  timer.async_wait([socket](const boost::system::error_code& cancelled) {
    boost::system::error_code ignored;
    if (!cancelled) socket->close(ignored);
  });
  std::string buffer;
  RESPRING_CO_TRYV(co_await shake_hands(*socket, target, buffer));
  timer.cancel();
  if (!socket->is_open()) co_return unavailable("no WebSocket in time");
  UpgradedSocket upgraded{std::move(*socket), std::move(buffer), ConnectionSlot()};
  co_return WsConnection::start(std::move(upgraded), WsRole::client, std::move(options),
                                std::move(handler));
}

Frame client_text(std::string_view text) {
  return std::make_shared<const std::string>(
      encode_masked(Opcode::text, text, static_cast<std::uint32_t>(new_id_value())));
}

}  // namespace respring::net
