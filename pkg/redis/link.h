#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "async/asio.h"
#include "async/task.h"
#include "redis/address.h"
#include "redis/reply.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"

namespace respring::redis {

/// How one use of Redis is connected.
struct Options {
  using Milliseconds = std::chrono::milliseconds;

  std::string use;  ///< a word for metrics, health and logs: `pubsub`, `sessions`, …
  Address address;
  /// Where the connection lives: a loop of one thread. Destroying the adapter while that loop runs,
  /// or after it has stopped, is both right; the loop's context must outlive it.
  asio::any_io_executor executor;
  Milliseconds connect_timeout{1'000};  ///< with the login
  /// Of each command, from the call on. A server that lets one pass unanswered is left.
  Milliseconds command_timeout{500};
  Milliseconds first_backoff{50};  ///< doubles with each failure; half of it is random
  Milliseconds longest_backoff{2'000};
  Milliseconds ping_after{5'000};  ///< of silence, so that a dead peer is noticed
  std::size_t max_queued_commands = 20'000;
  std::size_t max_queued_bytes = 32 * 1024 * 1024;
  std::size_t max_reply_bytes = 64 * 1024 * 1024;
};

/// A connection that logs in, and comes back by itself after a loss. What is said on it is the
/// derived class's affair: the hooks run on the executor, one at a time.
class Link : public std::enable_shared_from_this<Link> {
 public:
  explicit Link(Options options);
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();  ///< once
  /// No hook begins any more after those that run now; safe from any thread, idempotent.
  void stop();
  /// `degraded`, with the reason, while there is no connection. Any thread.
  health::Status status() const;

 protected:
  using Clock = std::chrono::steady_clock;

  /// There is something to send. Any thread.
  void wake();
  const Options& options() const { return options_; }

  virtual void on_up() = 0;
  virtual std::string take_output() = 0;  ///< what to send now
  virtual void on_reply(Reply reply) = 0;
  /// What was under way is lost. `retrying`: it was just lost and is being connected again at once;
  /// else an attempt failed and the next one comes after a pause.
  virtual void on_down(const Error& why, bool retrying) = 0;
  /// Until when the server must have answered something, if it owes an answer.
  virtual std::optional<Clock::time_point> next_deadline() = 0;
  virtual void on_silence() = 0;  ///< asks the server for a sign of life

 private:
  Task<void> run();
  Task<Result<void>> connect();
  Task<Result<void>> reach();
  Task<Result<void>> log_in();
  Task<Result<Reply>> read_reply();
  Task<Result<void>> read_more();
  Task<Error> serve();
  Task<void> pause();
  void flush();
  void arm();
  void arm_at(Clock::time_point at);
  void on_timer();
  void fail_now(std::string why);
  void close();
  void set_up();
  void set_down(const Error& why, bool retrying);
  Error unavailable(std::string_view why) const;

  enum class Phase { pausing, connecting, up };

  const Options options_;
  asio::ip::tcp::socket socket_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;  ///< the next deadline, ping or end of a pause
  Clock::time_point armed_for_ = Clock::time_point::max();
  Clock::time_point attempt_ends_{};
  Clock::time_point heard_{};
  Phase phase_ = Phase::connecting;
  std::unique_ptr<ReplyReader> reader_;
  std::array<char, 32 * 1024> buffer_{};
  std::string failure_;  ///< why we closed it ourselves
  int failures_ = 0;     ///< in a row
  int generation_ = 0;   ///< of the connection, for writes that end late
  bool writing_ = false;
  bool told_down_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> wake_posted_{false};
  mutable std::mutex status_mutex_;
  health::Status status_{health::State::degraded, "not connected yet"};
  metrics::Gauge up_;
  metrics::Counter losses_;
};

}  // namespace respring::redis
