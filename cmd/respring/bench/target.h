#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/io_pool.h"
#include "base/json.h"
#include "net/http_client.h"
#include "net/ws_client.h"

namespace respring::cmd {

struct Person {
  std::string id;
  std::string token;
};

/// What the server says of itself on its admin address; zeros when it was not asked.
struct ServerFigures {
  double cpu_seconds = 0;
  double resident_bytes = 0;
};

/// The server under load: makes the people and rooms a run needs and opens their connections. Its
/// calls block; not for I/O threads.
class Target {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::uint16_t admin_port = 0;  ///< 0: not asked
    std::size_t threads = 1;       ///< of this generator
  };
  explicit Target(Options options);
  ~Target();

  /// New people with new handles, logged in.
  Result<std::vector<Person>> people(std::size_t count);
  /// A group of the first one with the others; its id.
  Result<std::string> group(const std::vector<Person>& members);
  Result<net::ClientResponse> call(const Person* who, net::Method method, std::string target,
                                   std::string body = {});
  /// A socket of this person that has said hello without waiting for an answer.
  Result<std::shared_ptr<net::WsConnection>> connect(const Person& person,
                                                     std::shared_ptr<net::WsHandler> handler,
                                                     asio::io_context& io);
  /// The same from a coroutine on that io_context.
  Task<Result<std::shared_ptr<net::WsConnection>>> open(const Person& person,
                                                        std::shared_ptr<net::WsHandler> handler,
                                                        asio::io_context& io);
  /// A socket of nobody that says nothing: for the reference servers of loadtest/reference.
  Result<std::shared_ptr<net::WsConnection>> connect_plain(std::shared_ptr<net::WsHandler> handler,
                                                           asio::io_context& io);
  ServerFigures figures();

  async::IoPool& io() { return io_; }
  net::HttpClient& http() { return *http_; }

 private:
  Task<Result<net::ClientResponse>> request(const Person* who, net::Method method,
                                            std::string target, std::string body);
  Task<Result<Person>> new_person(std::string handle);

  Options options_;
  async::IoPool io_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<net::HttpClient> admin_;
  std::shared_ptr<const net::WsOptions> ws_options_;
};

/// `handle` and more for a problem answer; success for 2xx.
Result<json::Value> body_of(const net::ClientResponse& response);

}  // namespace respring::cmd
