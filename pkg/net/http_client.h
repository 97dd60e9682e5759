#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http.h"

namespace respring::net {

struct ClientRequest {
  Method method = Method::get;
  std::string target = "/";  ///< origin-form, already encoded
  Headers headers;           ///< Host and Content-Length are ours
  std::string body;
  std::string content_type;
  /// Whether it may be sent twice. By default GET, HEAD, PUT, DELETE and OPTIONS (RFC 9110 9.2.2).
  std::optional<bool> idempotent;
  /// An answer that comes in chunks is handed on as `stream`, however long it is.
  bool streamed = false;
  /// If given, set when the peer may have received something; must outlive the call.
  bool* may_have_left = nullptr;
};

/// As the request says, else as its method does.
bool may_repeat(const ClientRequest& request);

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
  /// The rest of a streamed answer, as Response::stream; `upstream_unavailable` when it breaks off
  /// or pauses for half a minute. To be called where the call was made; holds a connection until
  /// the end or until it is destroyed.
  std::function<Task<Result<std::optional<std::string>>>()> stream;
};

struct HttpClientOptions {
  using Milliseconds = std::chrono::milliseconds;

  std::string host = "127.0.0.1";
  std::uint16_t port = 80;
  std::size_t max_connections = 64;
  std::size_t max_waiting = 1024;  ///< calls that wait for a connection; more are `overloaded`
  std::size_t max_body = 8 * 1024 * 1024;  ///< of answers that are not streamed
  Milliseconds connect_timeout{3'000};
  /// Then another is opened: behind one name, as a Service of Kubernetes is, there may be new
  /// nodes.
  Milliseconds max_age{60'000};
  Milliseconds max_idle{30'000};  ///< less than the server's own limit, or calls meet closed ones
};

/// Whoever can be asked by HTTP: one peer or several that are the same to the caller.
class HttpCaller {
 public:
  virtual ~HttpCaller() = default;
  /// Any status is a value. `overloaded`: nothing was sent. `upstream_unavailable`: no answer by
  /// the deadline or a broken one; the peer may have acted.
  virtual Task<Result<ClientResponse>> call(ClientRequest request,
                                            std::chrono::steady_clock::time_point deadline) = 0;
};

/// Keep-alive connections to one HTTP/1.1 peer, without TLS. Call it from any coroutine; it runs
/// where the caller runs. The executors of its callers must outlive it.
class HttpClient final : public HttpCaller {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Any status is a value. `overloaded`: too many calls wait, nothing was sent.
  /// `upstream_unavailable`: no connection, no answer by the deadline, or a broken one; the peer
  /// may have acted. A kept connection that turns out closed is replaced once, if nothing was
  /// answered and the request may be repeated, or was surely not read.
  Task<Result<ClientResponse>> call(ClientRequest request,
                                    std::chrono::steady_clock::time_point deadline) override;

  /// Connections kept for the next call.
  std::size_t idle_connections() const;

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace respring::net
