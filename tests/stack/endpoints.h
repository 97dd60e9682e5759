#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "contract/temporary_folder.h"

/// Where the real servers for tests are, as tests/stack started them. A server that is missing
/// throws std::runtime_error with the command that starts it, which fails the test: so call these
/// in a test or in a maker's function, not while the program initialises itself.
namespace respring::testing::stack {

struct SqlEndpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string user;      ///< has every right, also to create databases
  std::string password;  ///< for tests only
  std::string ca;        ///< file of the authority that signed the server's certificate
  std::string other_ca;  ///< file of one that did not
};

struct S3Endpoint {
  std::string url;
  std::string bucket;  ///< there already, and empty at first
  std::string access_key;
  std::string secret_key;  ///< for tests only
};

/// The servers of one stack; read anew at each call.
class Endpoints {
 public:
  /// Those that `make stack-up` or ctest's fixture `stack` started.
  Endpoints();
  explicit Endpoints(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::vector<SqlEndpoint> mysql() const;  ///< two at least
  SqlEndpoint mariadb() const;
  std::string redis_url() const;        ///< redis://127.0.0.1:PORT
  std::string kafka_bootstrap() const;  ///< 127.0.0.1:PORT
  /// http://127.0.0.1:PORT of `elasticsearch`, `elasticsearch9` or `opensearch`.
  std::string search_url(const std::string& engine = "elasticsearch") const;

  S3Endpoint s3(
      const std::string& kind = "s3") const;  ///< or `s3tls`, whose authority nobody knows

 private:
  std::filesystem::path folder_;
};

/// A server for one test alone, to be killed, stopped and paused as the test likes. It runs from
/// construction on, and ends with this.
class PrivateServer {
 public:
  /// `name` as the program `stack` calls it: "redis", "kafka", "mysql-1".
  explicit PrivateServer(std::string name);
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  Endpoints endpoints() const { return Endpoints(folder_.path()); }
  void start() { tell("up"); }  ///< returns when it serves: its old data, its old ports
  void stop() { tell("down"); }
  void kill() { tell("kill"); }    ///< kill -9
  void pause() { tell("pause"); }  ///< it answers nobody, connections stay
  void resume() { tell("resume"); }

 private:
  void tell(const std::string& verb);

  TemporaryFolder folder_;
  std::string name_;
};

}  // namespace respring::testing::stack
