#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "async/asio.h"
#include "async/task.h"
#include "net/http_answer_parser.h"

/// One request and its answer on one connection: what HttpClient is made of.
namespace respring::net {

/// To a peer, with what was read and not used yet.
struct PeerConnection {
  using Clock = std::chrono::steady_clock;

  explicit PeerConnection(const asio::any_io_executor& executor) : socket(executor) {}

  /// Neither closed by the peer nor holding bytes nobody asked for.
  bool looks_alive();

  asio::ip::tcp::socket socket;
  std::string buffer;
  const Clock::time_point opened = Clock::now();
  Clock::time_point idle_since;
};
using PeerConnectionPtr = std::shared_ptr<PeerConnection>;

/// Closes the connection when the time is over, unless it goes first. Lives on the caller's
/// executor, where the timer's handler runs too.
class ConnectionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  ConnectionWatch(const asio::any_io_executor& executor, const PeerConnectionPtr& connection,
                  Clock::time_point deadline);
  bool fired() const { return *fired_; }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> fired_;
};

/// The bytes of the request; `internal` when it would break the framing.
Result<std::string> render_request(const ClientRequest& request, const HttpClientOptions& options);

/// What came of one request on one connection.
struct Exchange {
  std::size_t sent = 0;
  bool answered = false;  ///< at least a byte came back
  bool keep = false;
  std::optional<ClientResponse> response;
  /// Of an answer that comes in chunks and was asked for as such: reads the rest.
  std::shared_ptr<AnswerParser> unfinished;
  std::string why;
};

struct ExchangeOptions {
  bool head_only = false;
  bool streamed = false;
  std::size_t max_body = 0;
};

Task<Exchange> exchange_on(PeerConnectionPtr connection, const std::string& bytes,
                           ExchangeOptions options, PeerConnection::Clock::time_point deadline);

/// Reads once and feeds what came; the reason when the answer is broken off. True when the parser
/// is done, or the peer ended the answer by closing.
Task<Result<bool>> read_more(PeerConnection& connection, AnswerParser& parser, bool& answered);

Task<Result<PeerConnectionPtr>> open_connection(const HttpClientOptions& options,
                                                PeerConnection::Clock::time_point deadline);

}  // namespace respring::net
