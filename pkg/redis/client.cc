#include "redis/client.h"

#include <deque>

#include "async/completion.h"
#include "net/sha1.h"
#include "redis/command.h"

namespace respring::redis {

class Client::Pipeline final : public Link {
 public:
  explicit Pipeline(Options options) : Link(std::move(options)) {}

  void send(std::span<const std::string_view> words, Done done) {
    std::optional<Error> refusal;
    {
      const std::lock_guard lock(mutex_);
      refusal = refusal_of_new();
      if (!refusal) {
        append_command(output_, words);
        waiting_.push_back({Clock::now() + options().command_timeout, std::move(done)});
      }
    }
    if (!refusal) return wake();
    if (done) done(std::move(*refusal));
  }

  /// Everything under way is lost, and nothing new is taken.
  void end() {
    stop();
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    lose(respring::unavailable("the connection to Redis was closed"), false);
  }

 protected:
  void on_up() override {
    const std::lock_guard lock(mutex_);
    refusing_ = ended_;
  }

  std::string take_output() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(output_, {});
  }

  void on_reply(Reply reply) override {
    Done done;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return;  // lost meanwhile
      done = std::move(waiting_.front().done);
      waiting_.pop_front();
    }
    if (done) done(std::move(reply));
  }

  void on_down(const Error& why, bool retrying) override { lose(why, retrying); }

  std::optional<Clock::time_point> next_deadline() override {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.front().deadline);
  }

  void on_silence() override {
    const std::string_view ping = "PING";
    send(std::span(&ping, 1), {});
  }

 private:
  struct Waiting {
    Clock::time_point deadline;
    Done done;
  };

  std::optional<Error> refusal_of_new() const {
    if (refusing_) return down_;
    if (waiting_.size() >= options().max_queued_commands ||
        output_.size() >= options().max_queued_bytes) {
      return overloaded("too many commands wait for Redis");
    }
    return std::nullopt;
  }

  void lose(const Error& why, bool retrying) {
    std::deque<Waiting> lost;
    {
      const std::lock_guard lock(mutex_);
      lost.swap(waiting_);
      output_.clear();
      refusing_ = ended_ || !retrying;
      down_ = why;
    }
    for (Waiting& one : lost) {
      if (one.done) one.done(why);
    }
  }

  // In one lock: the order of the commands in output_ and of those that wait is the same, and both
  // go at once when the connection is lost.
  std::mutex mutex_;
  std::string output_;           ///< not given to the socket yet
  std::deque<Waiting> waiting_;  ///< for their answers, oldest first
  bool refusing_ = false;
  bool ended_ = false;
  Error down_;
};

Client::Client(Options options) : pipeline_(std::make_shared<Pipeline>(std::move(options))) {
  pipeline_->start();
}

Client::~Client() { pipeline_->end(); }

void Client::send(std::span<const std::string_view> words, Done done) {
  pipeline_->send(words, std::move(done));
}

Task<Result<Reply>> Client::call(std::vector<std::string> words) {
  auto start = [this, &words](std::function<void(Result<Reply>)> deliver) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    send(views, std::move(deliver));
  };
  co_return co_await async::wait_for<Result<Reply>>(std::move(start));
}

health::Status Client::status() const { return pipeline_->status(); }

Result<Reply> answer_of(Result<Reply> reply) {
  if (!reply || !reply.assume_value().is_error()) return reply;
  // Only the code: the sentence may quote what it was sent.
  const std::string code(reply.assume_value().error_code());
  return unavailable("Redis refused a command: " + code);
}

Script::Script(std::string source) : source_(std::move(source)) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const std::uint8_t byte : net::sha1(source_)) {
    digest_ += kHex[byte >> 4];
    digest_ += kHex[byte & 15];
  }
}

Task<Result<Reply>> Script::run(Client& client, int keys, std::vector<std::string> words) const {
  std::vector<std::string> all = {"EVALSHA", digest_, std::to_string(keys)};
  all.insert(all.end(), words.begin(), words.end());
  auto reply = co_await client.call(all);
  if (!reply || reply.assume_value().error_code() != "NOSCRIPT") co_return answer_of(reply);
  all[0] = "EVAL";
  all[1] = source_;
  reply = co_await client.call(std::move(all));
  co_return answer_of(std::move(reply));
}

}  // namespace respring::redis
