#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "net/http_request_parser.h"
#include "net/http_server.h"

namespace respring::net {

class HttpSession;

/// What the sessions of one io_context share. Belongs to that thread.
struct SessionWorker {
  explicit SessionWorker(asio::io_context& io) : context(io) {}

  asio::io_context& context;
  std::optional<asio::steady_timer> sweep_timer;  ///< while the server runs
  std::unordered_set<HttpSession*> sessions;
};

/// One HTTP connection from accept to close or upgrade. Everything happens on its worker's thread.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(Socket socket, ConnectionSlot slot, std::shared_ptr<HttpServer::Shared> shared,
              SessionWorker& worker);
  ~HttpSession();

  /// Serves request after request; returns when the connection is closed or handed on.
  Task<void> run();

  /// Ends what it waits for when its time is over.
  void expire(std::chrono::steady_clock::time_point now);
  /// The server drains: closes it if it is between requests and nothing has arrived. The head of a
  /// request that has begun to arrive, or the first of a connection, gets a second.
  void begin_drain();
  void cut();

 private:
  enum class Phase : std::uint8_t { idle, head, body, handling, writing, lingering };
  using Reading = Result<std::size_t>;

  void enter(Phase phase, std::chrono::milliseconds limit);
  Task<bool> read_more();
  Task<Reading> read_head();
  Task<bool> serve(std::size_t head_bytes);
  Task<Result<void>> read_body(RequestParser& parser, Request& request);
  Task<Response> call_handler(Request& request);
  Task<bool> upgrade(Request& request, bool is_1_1);
  Task<UpgradeDecision> call_upgrade(Request& request);

  Task<void> refuse(const Error& error, const Request& request);
  Task<bool> answer(const Request& request, Response response, bool is_1_1, bool keep_alive);
  Task<bool> send_body(const Response& response, bool chunked);
  Task<bool> send_file(const Response& response, std::uint64_t length);
  Task<bool> send(std::string_view first, std::string_view second = {});
  Task<void> take_leave();
  Task<void> linger(std::chrono::milliseconds limit);
  void describe(Request& request) const;
  bool nothing_arrived() const;
  void close();

  Socket socket_;
  ConnectionSlot slot_;
  std::shared_ptr<HttpServer::Shared> shared_;
  SessionWorker& worker_;
  std::string remote_ip_;
  std::string buffer_;  ///< read and not yet used
  Phase phase_ = Phase::idle;
  bool expired_ = false;
  bool used_ = false;  ///< it has answered a request
  std::chrono::steady_clock::time_point limit_;
};

}  // namespace respring::net
