#include "net/http_server.h"

#include "net/http_answer.h"
#include "net/http_server_shared.h"

namespace respring::net {
namespace {

using Shared = HttpServer::Shared;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kCutGrace = std::chrono::seconds(2);

void count_in(Shared& shared) {
  const std::lock_guard lock(shared.mutex);
  ++shared.running;
}

/// A coroutine that was counted in, counted out at its end, however it ends.
void spawn_counted(const std::shared_ptr<Shared>& shared, asio::io_context& context,
                   Task<void> task) {
  asio::co_spawn(context, std::move(task), [shared](std::exception_ptr e) {
    if (e) shared->fault("a connection ended by an exception");
    const std::lock_guard lock(shared->mutex);
    if (--shared->running == 0) shared->ended.notify_all();
  });
}

Task<void> run_session(std::shared_ptr<HttpSession> session) { co_await session->run(); }

/// One short try: the socket is new, so its send buffer is empty.
void turn_away(Socket socket) {
  static const Response kBusy = problem_response(overloaded("too many connections"), Request{});
  const std::string answer = render_head(kBusy, {false, false, kBusy.body.size()}) + kBusy.body;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.send(asio::buffer(answer), 0, ignored);
  socket.shutdown(Socket::shutdown_send, ignored);
}

void begin_session(const std::shared_ptr<Shared>& shared, Socket socket, SessionWorker& worker) {
  if (shared->connections->load() >= shared->options.max_connections) {
    turn_away(std::move(socket));
    return;
  }
  ConnectionSlot slot(shared->connections);
  count_in(*shared);
  // The session must be made on its own thread: it enters the worker's set.
  asio::post(worker.context,
             [shared, &worker, socket = std::move(socket), slot = std::move(slot)]() mutable {
               auto session = std::make_shared<HttpSession>(std::move(socket), std::move(slot),
                                                            shared, worker);
               spawn_counted(shared, worker.context, run_session(std::move(session)));
             });
}

void for_each_worker(const std::shared_ptr<Shared>& shared, void (*action)(SessionWorker&)) {
  for (auto& worker : shared->workers)
    asio::post(worker->context, [shared, action, w = worker.get()] { action(*w); });
}

/// Whom the system has let in already is served: closing the acceptor would reset his connection.
void close_door(const std::shared_ptr<Shared>& shared) {
  boost::system::error_code error;
  shared->acceptor->non_blocking(true, error);
  while (!error) {
    SessionWorker& worker = *shared->workers[shared->next_worker++ % shared->workers.size()];
    Socket socket(worker.context);
    shared->acceptor->accept(socket, error);
    if (!error) begin_session(shared, std::move(socket), worker);
  }
  shared->acceptor->close(error);
}

Task<void> accept_loop(std::shared_ptr<Shared> shared) {
  while (!shared->leaving) {
    SessionWorker& worker = *shared->workers[shared->next_worker++ % shared->workers.size()];
    boost::system::error_code error;
    Socket socket = co_await shared->acceptor->async_accept(
        worker.context, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      begin_session(shared, std::move(socket), worker);
      continue;
    }
    if (shared->leaving) break;
    // Out of descriptors or memory: the connection stays in the backlog. Trying again at once would
    // only burn a core.
    shared->fault("accept: " + error.message());
    shared->accept_pause->expires_after(kAcceptPause);
    co_await shared->accept_pause->async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
  if (shared->acceptor) close_door(shared);
  // Not before: whoever is sent away would come in again.
  shared->draining = true;
  for_each_worker(shared, [](SessionWorker& worker) {
    for (HttpSession* session : worker.sessions) session->begin_drain();
  });
}

void sweep(const std::shared_ptr<Shared>& shared, SessionWorker& worker) {
  if (!worker.sweep_timer) return;  // stopped before the first sweep
  worker.sweep_timer->expires_after(shared->options.sweep);
  // Weak, so that the timer does not keep the server alive.
  worker.sweep_timer->async_wait(
      [weak = std::weak_ptr(shared), &worker](const boost::system::error_code& error) {
        const auto held = weak.lock();
        if (!held || error) return;
        const auto now = std::chrono::steady_clock::now();
        for (HttpSession* session : worker.sessions) session->expire(now);
        sweep(held, worker);
      });
}

Result<void> listen(Shared& shared, asio::io_context& context) {
  const auto& options = shared.options;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return invalid("not an IP address: " + options.address);
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  auto& acceptor = shared.acceptor.emplace(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    shared.acceptor.reset();
    return internal("cannot listen on " + options.address + ":" + std::to_string(options.port) +
                    ": " + error.message());
  }
  shared.port = acceptor.local_endpoint(error).port();
  return success();
}

/// Gives up what belongs to the io_contexts, on their threads: a session that hangs may keep Shared
/// longer than the pool lives.
void release(const std::shared_ptr<Shared>& shared) {
  for (auto& worker : shared->workers) {
    count_in(*shared);
    asio::post(worker->context, [shared, w = worker.get()] {
      w->sweep_timer.reset();
      if (w == shared->workers.front().get()) {
        shared->acceptor.reset();
        shared->accept_pause.reset();
      }
      const std::lock_guard lock(shared->mutex);
      if (--shared->running == 0) shared->ended.notify_all();
    });
  }
}

}  // namespace

HttpServer::HttpServer(async::IoPool& pool, HttpServerOptions options, RequestHook handler,
                       UpgradeHook upgrade)
    : shared_(
          std::make_shared<Shared>(std::move(options), std::move(handler), std::move(upgrade))) {
  for (std::size_t i = 0; i < pool.size(); ++i)
    shared_->workers.push_back(std::make_unique<SessionWorker>(pool.at(i)));
}

HttpServer::~HttpServer() { stop({}); }

Result<void> HttpServer::start() {
  asio::io_context& context = shared_->workers.front()->context;
  RESPRING_TRYV(listen(*shared_, context));
  shared_->accept_pause.emplace(context);
  for (auto& worker : shared_->workers) {
    worker->sweep_timer.emplace(worker->context);
    asio::post(worker->context, [shared = shared_, w = worker.get()] { sweep(shared, *w); });
  }
  count_in(*shared_);
  spawn_counted(shared_, context, accept_loop(shared_));
  started_ = true;
  return success();
}

std::uint16_t HttpServer::port() const { return shared_->port; }

std::size_t HttpServer::connections() const { return shared_->connections->load(); }

void HttpServer::drain() {
  if (!started_ || shared_->leaving.exchange(true)) return;
  asio::post(shared_->workers.front()->context, [shared = shared_] {
    boost::system::error_code ignored;
    if (shared->acceptor) shared->acceptor->cancel(ignored);
    if (shared->accept_pause) shared->accept_pause->cancel();
  });
}

bool HttpServer::stop(std::chrono::milliseconds grace) {
  if (!started_) return true;
  drain();
  started_ = false;
  const auto all_ended = [this] { return shared_->running == 0; };
  std::unique_lock lock(shared_->mutex);
  const bool clean = shared_->ended.wait_for(lock, grace, all_ended);
  lock.unlock();
  if (!clean) {
    for_each_worker(shared_, [](SessionWorker& worker) {
      for (HttpSession* session : worker.sessions) session->cut();
    });
  }
  release(shared_);
  lock.lock();
  shared_->ended.wait_for(lock, kCutGrace, all_ended);
  return clean;
}

}  // namespace respring::net
