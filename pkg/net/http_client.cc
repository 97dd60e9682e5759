#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <list>
#include <mutex>
#include <vector>

#include "async/completion.h"
#include "net/http_exchange.h"

namespace respring::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLongestPause = std::chrono::seconds(30);  // between the pieces of a stream

struct Waiter {
  std::function<void(bool)> deliver;
};

/// Of a request on a kept connection: the peer has closed it, or took its leave before it read the
/// request (RFC 9110 15.5.9).
bool was_not_read(const Exchange& exchange) {
  if (exchange.response) return exchange.response->status == 408;
  return !exchange.answered && exchange.sent == 0;
}

void note_left(const ClientRequest& request, bool left) {
  if (request.may_have_left != nullptr) *request.may_have_left = left;
}

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
  PeerConnectionPtr take_idle();
  void keep(PeerConnectionPtr connection);
  bool is_old(const PeerConnection& connection) const;

  const HttpClientOptions options;
  std::mutex mutex;
  std::size_t in_use = 0;
  std::vector<PeerConnectionPtr> idle;
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

PeerConnectionPtr HttpClient::Shared::take_idle() {
  const std::lock_guard lock(mutex);
  const auto now = Clock::now();
  while (!idle.empty()) {
    PeerConnectionPtr connection = std::move(idle.back());  // the warmest first
    idle.pop_back();
    if (now - connection->idle_since > options.max_idle || is_old(*connection)) continue;
    if (connection->looks_alive()) return connection;
  }
  return nullptr;
}

bool HttpClient::Shared::is_old(const PeerConnection& connection) const {
  return Clock::now() - connection.opened >= options.max_age;
}

void HttpClient::Shared::keep(PeerConnectionPtr connection) {
  if (is_old(*connection)) return;
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

namespace {

/// A caller's place; gives it back.
class Place {
 public:
  explicit Place(std::shared_ptr<HttpClient::Shared> shared) : shared_(std::move(shared)) {}
  ~Place() {
    if (shared_) shared_->leave();
  }
  Place(Place&&) = default;
  Place& operator=(Place&&) = delete;

 private:
  std::shared_ptr<HttpClient::Shared> shared_;
};

/// The rest of an answer that comes in chunks. Holds its connection and place until the end.
class AnswerStream {
 public:
  AnswerStream(std::shared_ptr<HttpClient::Shared> shared, Place place,
               PeerConnectionPtr connection, std::shared_ptr<AnswerParser> parser)
      : shared_(std::move(shared)),
        place_(std::move(place)),
        connection_(std::move(connection)),
        parser_(std::move(parser)) {}

  Task<Result<std::optional<std::string>>> next() {
    while (connection_) {
      std::string piece = parser_->take_piece();
      if (!piece.empty()) co_return std::optional<std::string>(std::move(piece));
      if (parser_->done()) break;
      const auto executor = co_await asio::this_coro::executor;
      const ConnectionWatch watch(executor, connection_, Clock::now() + kLongestPause);
      bool answered = true;
      const auto over = co_await read_more(*connection_, *parser_, answered);
      if (watch.fired()) co_return unavailable("the answer broke off: nothing came for long");
      if (!over) co_return unavailable("the answer broke off: " + over.error().detail);
    }
    const bool whole = connection_ && connection_->buffer.empty() && parser_->keep_alive();
    if (whole) shared_->keep(std::move(connection_));
    connection_.reset();
    co_return std::optional<std::string>();
  }

 private:
  std::shared_ptr<HttpClient::Shared> shared_;
  Place place_;
  PeerConnectionPtr connection_;  ///< empty after the end
  std::shared_ptr<AnswerParser> parser_;
};

}  // namespace

Task<Result<ClientResponse>> HttpClient::call(ClientRequest request, Clock::time_point deadline) {
  const auto shared = shared_;
  const auto& options = shared->options;
  RESPRING_CO_TRY(const std::string bytes, render_request(request, options));
  RESPRING_CO_TRYV(co_await shared->enter(deadline, shared));
  Place place(shared);

  const ExchangeOptions how{request.method == Method::head, request.streamed, options.max_body};
  PeerConnectionPtr connection = shared->take_idle();
  for (bool reused = connection != nullptr;; reused = false) {
    if (!reused) {
      RESPRING_CO_TRY(connection, co_await open_connection(options, deadline));
    }
    note_left(request, true);
    Exchange exchange = co_await exchange_on(connection, bytes, how, deadline);
    if (exchange.unfinished) {
      const auto rest = std::make_shared<AnswerStream>(
          shared, std::move(place), std::move(connection), std::move(exchange.unfinished));
      exchange.response->stream = [rest] { return rest->next(); };
      co_return std::move(*exchange.response);
    }
    const bool in_time = Clock::now() < deadline;
    if (reused && in_time && was_not_read(exchange)) {
      note_left(request, false);
      continue;
    }
    if (exchange.response) {
      if (exchange.keep) shared->keep(std::move(connection));
      co_return std::move(*exchange.response);
    }
    if (reused && in_time && !exchange.answered && may_repeat(request)) continue;
    co_return unavailable(options.host + ":" + std::to_string(options.port) + ": " + exchange.why);
  }
}

}  // namespace respring::net
