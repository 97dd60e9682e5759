#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "net/http_server.h"
#include "net/http_session.h"

namespace respring::net {

/// What outlives the server's handle while a session still runs. Sessions hold it.
struct HttpServer::Shared {
  Shared(HttpServerOptions given, RequestHook request_hook, UpgradeHook upgrade_hook)
      : options(std::move(given)),
        handler(std::move(request_hook)),
        upgrade(std::move(upgrade_hook)),
        connections(std::make_shared<std::atomic<std::size_t>>(0)) {}

  void fault(std::string_view what) const {
    if (options.on_fault) options.on_fault(what);
  }

  const HttpServerOptions options;
  const RequestHook handler;
  const UpgradeHook upgrade;
  const std::shared_ptr<std::atomic<std::size_t>> connections;

  std::atomic<bool> leaving{false};   ///< no more connections
  std::atomic<bool> draining{false};  ///< none gets another request; follows `leaving`
  std::vector<std::unique_ptr<SessionWorker>> workers;  ///< one per io_context, fixed after start
  std::size_t next_worker = 0;                          ///< of the acceptor's thread
  std::optional<asio::ip::tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> accept_pause;
  std::uint16_t port = 0;

  std::mutex mutex;
  std::condition_variable ended;
  std::size_t running = 0;  ///< coroutines: sessions and the acceptor; under mutex
};

}  // namespace respring::net
