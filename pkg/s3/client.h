#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "s3/options.h"

namespace respring::s3 {

using Deadline = std::chrono::steady_clock::time_point;

struct Call {
  enum class Method { get, put, delete_ };
  Method method = Method::get;
  std::string key{};    ///< with its prefix; empty: the bucket itself
  std::string query{};  ///< sorted and percent-encoded, as it is signed
  std::string body{};
};

struct Answer {
  int status = 0;
  std::string body{};
};

/// Why there is no answer.
struct Failure {
  enum class Kind {
    broken,       ///< the connection broke on the way: once more may do
    unavailable,  ///< no connection, no trust, no time
    too_large,    ///< the answer exceeds max_bytes
  };
  Kind kind = Kind::unavailable;
  std::string why{};  ///< a sentence without secrets
};

/// One signed request at a time over a connection that stays open. Blocks; safe from any thread:
/// each call has a connection to itself, and a few are kept.
class Client {
 public:
  explicit Client(Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Any status is a value. Never later than `deadline`.
  Result<Answer, Failure> call(const Call& call, Deadline deadline);
  const Options& options() const { return options_; }

 private:
  struct Connection;

  std::unique_ptr<Connection> take();
  void give_back(std::unique_ptr<Connection> connection);

  const Options options_;
  const std::string bucket_url_;
  const std::string signing_;  ///< what libcurl signs for: `aws:amz:us-east-1:s3`
  const std::string login_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace respring::s3
