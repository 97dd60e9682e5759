#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <list>
#include <mutex>
#include <vector>

#include <sys/socket.h>

#include "async/completion.h"
#include "net/http_answer_parser.h"

namespace respring::net {
namespace {

using Clock = std::chrono::steady_clock;
using Tcp = asio::ip::tcp;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kMaxInterim = 8;  // 1xx answers before the real one

struct Connection {
  explicit Connection(const asio::any_io_executor& executor) : socket(executor) {}

  /// Neither closed by the peer nor holding bytes nobody asked for.
  bool looks_alive() {
    char byte = 0;
    const ssize_t n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  Tcp::socket socket;
  std::string buffer;
  Clock::time_point idle_since;
};
using ConnectionPtr = std::shared_ptr<Connection>;

/// Closes the connection when the time is over, unless it goes first. Lives on the caller's
/// executor, where the timer's handler runs too.
class Watch {
 public:
  Watch(const asio::any_io_executor& executor, const ConnectionPtr& connection,
        Clock::time_point deadline)
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
  bool fired() const { return *fired_; }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> fired_;
};

Error unavailable(std::string why) {
  return {ErrorCode::upstream_unavailable, std::move(why), {}, {}};
}

bool is_safe(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Result<std::string> render(const ClientRequest& request, const HttpClientOptions& options) {
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

/// One request and its answer on one connection.
struct Exchange {
  std::size_t sent = 0;
  bool answered = false;  ///< at least a byte came back
  bool keep = false;
  std::optional<ClientResponse> response;
  std::string why;
};

Task<void> read_answer(Connection& connection, bool head_only, std::size_t max_body,
                       Exchange& exchange) {
  boost::system::error_code error;
  std::string& buffer = connection.buffer;
  for (int interim = 0; interim < kMaxInterim; ++interim) {
    AnswerParser parser(head_only, max_body);
    while (!parser.done()) {
      const auto used = parser.feed(buffer);
      if (!used) {
        exchange.why = used.error().detail;
        co_return;
      }
      buffer.erase(0, used.value());
      if (parser.done() || used.value() != 0) continue;
      const std::size_t old = buffer.size();
      buffer.resize(old + kReadBytes);
      const std::size_t n = co_await connection.socket.async_read_some(
          asio::buffer(buffer.data() + old, kReadBytes),
          asio::redirect_error(asio::use_awaitable, error));
      buffer.resize(old + n);
      exchange.answered = exchange.answered || n != 0;
      if (error == asio::error::eof && exchange.answered && parser.end()) break;
      if (error) {
        exchange.why = error.message();
        co_return;
      }
    }
    exchange.keep = !error && buffer.empty() && parser.keep_alive();
    ClientResponse response = parser.take();
    if (response.status / 100 == 1) continue;  // 100 Continue and the like
    exchange.response = std::move(response);
    co_return;
  }
  exchange.why = "too many interim answers";
}

Task<Exchange> exchange_on(ConnectionPtr connection, const std::string& bytes, bool head_only,
                           std::size_t max_body, Clock::time_point deadline) {
  Exchange exchange;
  const auto executor = co_await asio::this_coro::executor;
  const Watch watch(executor, connection, deadline);
  boost::system::error_code error;
  exchange.sent = co_await asio::async_write(connection->socket, asio::buffer(bytes),
                                             asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    exchange.why = error.message();
  } else {
    co_await read_answer(*connection, head_only, max_body, exchange);
  }
  if (watch.fired()) exchange.why = "no answer in time";
  co_return exchange;
}

Task<Result<ConnectionPtr>> open_connection(const HttpClientOptions& options,
                                            Clock::time_point deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string peer = options.host + ":" + std::to_string(options.port);
  auto connection = std::make_shared<Connection>(executor);
  const Watch watch(executor, connection,
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

struct Waiter {
  std::function<void(bool)> deliver;
};

}  // namespace

bool may_repeat(const ClientRequest& request) {
  return request.idempotent.value_or(request.method != Method::post &&
                                     request.method != Method::patch &&
                                     request.method != Method::other);
}

/// Places and kept connections; calls in flight hold it.
struct HttpClient::Shared {
  explicit Shared(HttpClientOptions given) : options(std::move(given)) {}

  /// True: the caller has a place and must give it back.
  Task<Result<void>> enter(Clock::time_point deadline, std::shared_ptr<Shared> self);
  bool enter_at_once();
  void leave();
  ConnectionPtr take_idle();
  void keep(ConnectionPtr connection);

  const HttpClientOptions options;
  std::mutex mutex;
  std::size_t in_use = 0;
  std::vector<ConnectionPtr> idle;
  std::list<std::shared_ptr<Waiter>> waiting;
};

Task<Result<void>> HttpClient::Shared::enter(Clock::time_point deadline,
                                             std::shared_ptr<Shared> self) {
  if (enter_at_once()) co_return success();
  auto waiter = std::make_shared<Waiter>();
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  enum class Entry { now, later, refused };
  auto start = [self, waiter](std::function<void(bool)> deliver) {
    Entry entry = Entry::later;
    {
      const std::lock_guard lock(self->mutex);
      if (self->in_use < self->options.max_connections) {
        ++self->in_use;
        entry = Entry::now;
      } else if (self->waiting.size() >= self->options.max_waiting) {
        entry = Entry::refused;
      } else {
        waiter->deliver = deliver;
        self->waiting.push_back(waiter);
      }
    }
    if (entry != Entry::later) deliver(entry == Entry::now);
  };
  timer.expires_at(deadline);
  timer.async_wait([self, waiter](const boost::system::error_code& error) {
    if (error) return;
    {
      const std::lock_guard lock(self->mutex);
      if (self->waiting.remove(waiter) == 0) return;
    }
    waiter->deliver(false);
  });
  const bool entered = co_await async::wait_for<bool>(std::move(start));
  if (!entered) co_return overloaded("too many calls to one peer");
  co_return success();
}

bool HttpClient::Shared::enter_at_once() {
  const std::lock_guard lock(mutex);
  if (in_use >= options.max_connections) return false;
  ++in_use;
  return true;
}

void HttpClient::Shared::leave() {
  std::shared_ptr<Waiter> next;
  {
    const std::lock_guard lock(mutex);
    if (waiting.empty()) {
      --in_use;
      return;
    }
    next = std::move(waiting.front());  // he gets the place
    waiting.pop_front();
  }
  next->deliver(true);
}

ConnectionPtr HttpClient::Shared::take_idle() {
  const std::lock_guard lock(mutex);
  const auto oldest = Clock::now() - options.max_idle;
  while (!idle.empty()) {
    ConnectionPtr connection = std::move(idle.back());  // the warmest first
    idle.pop_back();
    if (connection->idle_since >= oldest && connection->looks_alive()) return connection;
  }
  return nullptr;
}

void HttpClient::Shared::keep(ConnectionPtr connection) {
  connection->idle_since = Clock::now();
  const std::lock_guard lock(mutex);
  idle.push_back(std::move(connection));
}

HttpClient::HttpClient(HttpClientOptions options)
    : shared_(std::make_shared<Shared>(std::move(options))) {}

HttpClient::~HttpClient() {
  const std::lock_guard lock(shared_->mutex);
  shared_->idle.clear();
}

std::size_t HttpClient::idle_connections() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->idle.size();
}

Task<Result<ClientResponse>> HttpClient::call(ClientRequest request, Clock::time_point deadline) {
  const auto shared = shared_;
  const auto& options = shared->options;
  RESPRING_CO_TRY(const std::string bytes, render(request, options));
  RESPRING_CO_TRYV(co_await shared->enter(deadline, shared));
  struct Leave {
    Shared& shared;
    ~Leave() { shared.leave(); }
  } const leave{*shared};

  ConnectionPtr connection = shared->take_idle();
  for (bool reused = connection != nullptr;; reused = false) {
    if (!reused) {
      RESPRING_CO_TRY(connection, co_await open_connection(options, deadline));
    }
    if (request.may_have_left) *request.may_have_left = true;
    Exchange exchange = co_await exchange_on(connection, bytes, request.method == Method::head,
                                             options.max_body, deadline);
    if (exchange.response) {
      if (exchange.keep) shared->keep(std::move(connection));
      co_return std::move(*exchange.response);
    }
    const bool stale = reused && !exchange.answered && Clock::now() < deadline;
    if (stale && (exchange.sent == 0 || may_repeat(request))) continue;
    co_return unavailable(options.host + ":" + std::to_string(options.port) + ": " + exchange.why);
  }
}

}  // namespace respring::net
