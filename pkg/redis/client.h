#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "async/task.h"
#include "redis/link.h"

namespace respring::redis {

/// Commands to one server over one connection, pipelined: many may be under way, answers come in
/// their order. Safe from any thread. Several adapters may share one.
///
/// While there is no connection, calls are refused at once with `upstream_unavailable`; only during
/// the first attempt, at the start and right after a loss, do they wait for it, within their
/// timeout. An error after sending leaves open whether the server has acted.
class Client {
 public:
  using Done = std::function<void(Result<Reply>)>;

  explicit Client(Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// `done` (or nothing) is called exactly once, from any thread, maybe before this returns; it
  /// must not block. `overloaded`: too much waits already.
  void send(std::span<const std::string_view> words, Done done);
  /// An answer that is an error is a value here; see answer_of().
  Task<Result<Reply>> call(std::vector<std::string> words);
  health::Status status() const;

 private:
  class Pipeline;
  std::shared_ptr<Pipeline> pipeline_;
};

/// The reply, or its error as ours: `upstream_unavailable` with the server's error code.
Result<Reply> answer_of(Result<Reply> reply);

/// A Lua script, which the server runs as one step.
class Script {
 public:
  explicit Script(std::string source);
  /// The number of keys, then keys and arguments. The server gets the text only when it does not
  /// know it.
  Task<Result<Reply>> run(Client& client, int keys, std::vector<std::string> words) const;
  /// For EVALSHA.
  const std::string& digest() const { return digest_; }

 private:
  std::string source_;
  std::string digest_;
};

}  // namespace respring::redis
