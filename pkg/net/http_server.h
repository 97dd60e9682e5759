#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/io_pool.h"
#include "net/header_validator.h"
#include "net/http.h"
#include "net/socket.h"

namespace respring::net {

/// Answers a request; runs on the connection's io_context and must not block. It must end by the
/// request's deadline. An exception becomes `internal`.
using RequestHook = std::function<Task<Response>(Request&)>;

/// What becomes of a valid WebSocket handshake: the refusal is answered, or `take` gets the socket
/// after the 101 was sent, on the connection's io_context.
struct UpgradeDecision {
  std::optional<Response> refusal;
  std::function<void(UpgradedSocket)> take;
};
using UpgradeHook = std::function<Task<UpgradeDecision>(Request&)>;

struct HttpServerOptions {
  using Milliseconds = std::chrono::milliseconds;

  std::string address = "127.0.0.1";     ///< an IP address; "::" and "0.0.0.0" mean every interface
  std::uint16_t port = 0;                ///< 0: the system chooses
  std::size_t max_connections = 20'000;  ///< WebSockets included; more are answered 503
  HeadLimits head;
  std::size_t max_body = 64 * 1024;
  /// A route's own limit for the body, asked when the head has been read; else `max_body`.
  std::function<std::optional<std::size_t>(const Request&)> body_limit;
  /// Added to the refusals that the server answers by itself (the handler never sees those).
  Headers refusal_headers;
  std::string upgrade_path = "/v1/ws";
  Milliseconds head_timeout{10'000};
  Milliseconds body_timeout{30'000};
  Milliseconds idle_timeout{60'000};    ///< keep-alive without a request
  Milliseconds write_timeout{30'000};   ///< without the client taking a piece of the answer
  Milliseconds handle_timeout{30'000};  ///< becomes the request's deadline
  Milliseconds linger{1'000};           ///< for the client to read a refusal before the reset
  Milliseconds sweep{250};              ///< how often time-outs are looked at

  /// After each answer; on the connection's thread.
  std::function<void(const Request&, const Response&, std::chrono::nanoseconds)> on_answer;
  /// A hook threw, or accepting failed: for the log.
  std::function<void(std::string_view)> on_fault;
};

/// An HTTP/1.1 server on a pool's threads. Connections are dealt out in turn and stay where they
/// are. Its functions may be called from any thread but the pool's.
class HttpServer {
 public:
  /// The pool must outlive the server and run until stop() has returned.
  HttpServer(async::IoPool& pool, HttpServerOptions options, RequestHook handler,
             UpgradeHook upgrade = {});
  /// Calls stop() without grace.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds, listens and accepts. Once.
  Result<void> start();
  /// Where it listens, after start().
  std::uint16_t port() const;
  /// Accepts no more, takes leave of idle connections (408, so that a request on its way may be
  /// repeated elsewhere), and closes the others after their next answer.
  void drain();
  /// drain(), waits for requests in flight at most `grace`, cuts what is left. Blocks. True when
  /// nothing had to be cut.
  bool stop(std::chrono::milliseconds grace);

  /// Open connections, upgraded ones included.
  std::size_t connections() const;

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
  std::atomic<bool> started_{false};
};

}  // namespace respring::net
