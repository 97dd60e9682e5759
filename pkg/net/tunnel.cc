#include "net/tunnel.h"

#include <array>

#include "net/forwarding.h"
#include "net/http_answer_parser.h"

namespace respring::net {
namespace {

using Tcp = asio::ip::tcp;

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::size_t kPiece = 4096;
constexpr std::chrono::seconds kPatience{10};
constexpr std::array<std::string_view, 8> kHandshake = {
    "Upgrade", "Connection", "Sec-WebSocket-Key",     "Sec-WebSocket-Version", "Authorization",
    "Cookie",  "Origin",     "Sec-WebSocket-Protocol"};

std::string handshake_of(const Request& request, const IdentitySeal& seal,
                         const HttpClientOptions& node) {
  const ClientRequest common = forwarded(request, seal);
  std::string text = "GET " + request.target + " HTTP/1.1\r\nHost: " + node.host + ":" +
                     std::to_string(node.port) + "\r\n";
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : common.headers) add(name, value);
  for (const std::string_view name : kHandshake) {
    if (const auto value = request.headers.find(name)) add(name, *value);
  }
  return text + "\r\n";
}

/// A node's answer to a handshake: the socket stays open when it agreed.
struct Asked {
  explicit Asked(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}
  Tcp::socket socket;
  asio::steady_timer timer;
  std::string buffer;  ///< the answer, and what came behind it
};

Task<Result<void>> connect(Asked& asked, const HttpClientOptions& node) {
  boost::system::error_code error;
  Tcp::resolver resolver(asked.socket.get_executor());
  const auto places = co_await resolver.async_resolve(
      node.host, std::to_string(node.port), asio::redirect_error(asio::use_awaitable, error));
  for (const auto& place : places) {
    boost::system::error_code ignored;
    asked.socket.close(ignored);
    co_await asked.socket.async_connect(place, asio::redirect_error(asio::use_awaitable, error));
    if (!error) break;
  }
  if (error) co_return overloaded("no websocket node can be reached: " + error.message());
  asked.socket.set_option(Tcp::no_delay(true), error);
  co_return success();
}

/// Reads until the head of the answer is complete.
Task<Result<std::size_t>> read_head(Asked& asked) {
  while (true) {
    const auto end = asked.buffer.find("\r\n\r\n");
    if (end != std::string::npos) co_return end + 4;
    if (asked.buffer.size() > kMaxHead) co_return unavailable("the node's answer is too long");
    const std::size_t old = asked.buffer.size();
    asked.buffer.resize(old + kPiece);
    boost::system::error_code error;
    const std::size_t n =
        co_await asked.socket.async_read_some(asio::buffer(asked.buffer.data() + old, kPiece),
                                              asio::redirect_error(asio::use_awaitable, error));
    asked.buffer.resize(old + n);
    if (error) co_return unavailable("the websocket node gave no answer");
  }
}

/// The rest of a refusal; its connection ends with it.
Task<Result<Response>> read_refusal(Asked& asked) {
  AnswerParser parser(false, kMaxHead);
  std::string rest = std::move(asked.buffer);
  while (!parser.done()) {
    RESPRING_CO_TRY(const std::size_t used, parser.feed(rest));
    rest.erase(0, used);
    if (parser.done() || used != 0) continue;
    std::array<char, kPiece> piece{};
    boost::system::error_code error;
    const std::size_t n = co_await asked.socket.async_read_some(
        asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
    rest.append(piece.data(), n);
    if (error) {
      RESPRING_CO_TRYV(parser.end());
      break;
    }
  }
  co_return answer_from(parser.take());
}

}  // namespace

/// Both ends of a tunnel, on the client's executor.
struct Tunnels::Pair {
  Pair(UpgradedSocket client_end, Tcp::socket node_end, std::string from_node)
      : client(std::move(client_end)), node(std::move(node_end)), ahead(std::move(from_node)) {}

  void cut() {
    boost::system::error_code ignored;
    client.socket.close(ignored);
    node.close(ignored);
  }

  UpgradedSocket client;
  Tcp::socket node;
  std::string ahead;  ///< what the node had sent behind its answer
};

Task<UpgradeDecision> Tunnels::open(Request& request) {
  const auto executor = co_await asio::this_coro::executor;
  const HttpClientOptions& node = nodes_.next_node();
  auto asked = std::make_shared<Asked>(executor);
  asked->timer.expires_after(kPatience);
  asked->timer.async_wait([weak = std::weak_ptr(asked)](const boost::system::error_code& error) {
    const auto held = weak.lock();
    boost::system::error_code ignored;
    if (held && !error) held->socket.close(ignored);
  });
  const std::string bytes = handshake_of(request, seal_, node);
  UpgradeDecision decision;
  const auto refuse = [&](const Error& error) {
    decision.refusal = problem_response(error, request);
  };
  const auto connected = co_await connect(*asked, node);
  if (!connected) {
    refuse(connected.error());
    co_return decision;
  }
  boost::system::error_code error;
  co_await asio::async_write(asked->socket, asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, error));
  const auto head = co_await read_head(*asked);
  if (!head) {
    refuse(head.error());
    co_return decision;
  }
  if (!asked->buffer.starts_with("HTTP/1.1 101 ")) {
    auto refusal = co_await read_refusal(*asked);
    if (refusal) decision.refusal = std::move(refusal).value();
    if (!refusal) refuse(refusal.error());
    co_return decision;
  }
  asked->timer.cancel();
  asked->buffer.erase(0, head.value());
  decision.take = [this, asked](UpgradedSocket client) {
    begin(std::make_shared<Pair>(std::move(client), std::move(asked->socket),
                                 std::move(asked->buffer)));
  };
  co_return decision;
}

void Tunnels::begin(std::shared_ptr<Pair> pair) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return pair->cut();
    pairs_.insert(pair);
  }
  const auto both = [this, pair](bool to_node) -> Task<void> { return carry(pair, to_node); };
  const auto executor = asio::any_io_executor(pair->client.socket.get_executor());
  // The first direction that ends cuts the other; the pair is forgotten when both are done.
  const auto forget = std::shared_ptr<void>(nullptr, [this, pair](void*) { end(pair); });
  struct Carried {
    static Task<void> run(Task<void> work, std::shared_ptr<void> last) {
      co_await std::move(work);
      last.reset();
    }
  };
  tasks_.spawn(executor, Carried::run(both(true), forget));
  tasks_.spawn(executor, Carried::run(both(false), forget));
}

Task<void> Tunnels::carry(std::shared_ptr<Pair> pair, bool to_node) {
  std::string piece = to_node ? std::move(pair->client.read_ahead) : std::move(pair->ahead);
  boost::system::error_code error;
  while (true) {
    if (!piece.empty()) {
      const auto bytes = asio::buffer(piece);
      if (to_node) {
        co_await asio::async_write(pair->node, bytes,
                                   asio::redirect_error(asio::use_awaitable, error));
      } else {
        co_await asio::async_write(pair->client.socket, bytes,
                                   asio::redirect_error(asio::use_awaitable, error));
      }
      if (error) break;
    }
    piece.resize(kPiece);
    const auto space = asio::buffer(piece);
    std::size_t n = 0;
    if (to_node) {
      n = co_await pair->client.socket.async_read_some(
          space, asio::redirect_error(asio::use_awaitable, error));
    } else {
      n = co_await pair->node.async_read_some(space,
                                              asio::redirect_error(asio::use_awaitable, error));
    }
    piece.resize(n);
    if (error) break;
  }
  pair->cut();
}

void Tunnels::end(const std::shared_ptr<Pair>& pair) {
  const std::lock_guard lock(mutex_);
  pairs_.erase(pair);
}

void Tunnels::stop() {
  std::set<std::shared_ptr<Pair>> open;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    open = pairs_;
  }
  for (const auto& pair : open) {
    asio::post(pair->client.socket.get_executor(), [pair] { pair->cut(); });
  }
  open.clear();
  tasks_.wait();
}

std::size_t Tunnels::open_tunnels() const {
  const std::lock_guard lock(mutex_);
  return pairs_.size();
}

}  // namespace respring::net
