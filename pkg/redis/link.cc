#include "redis/link.h"

#include <algorithm>
#include <random>

#include "redis/command.h"
#include "telemetry/log.h"

namespace respring::redis {
namespace {

constexpr std::chrono::seconds kLasting{1};
constexpr std::chrono::milliseconds kBusyGrace{20};

/// A command of the login and what its refusal means.
struct Step {
  std::string command;
  std::string refusal;
  bool required = true;
};

std::vector<Step> login_of(const Address& address, const std::string& use) {
  std::vector<Step> steps;
  const std::string& password = address.password.reveal();
  if (!address.user.empty()) {
    steps.push_back({command({"AUTH", address.user, password}), "it refuses the user or password"});
  } else if (!password.empty()) {
    steps.push_back({command({"AUTH", password}), "it refuses the password"});
  }
  const std::string database = std::to_string(address.database);
  if (address.database != 0) {
    steps.push_back({command({"SELECT", database}), "it refuses database " + database});
  }
  steps.push_back({command({"CLIENT", "SETNAME", "respring-" + use}), {}, false});
  steps.push_back({command({"PING"}), "it does not serve yet"});
  return steps;
}

/// Half of `time` and a random part of the other half, so that nodes do not come back in step.
std::chrono::milliseconds jittered(std::chrono::milliseconds time) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto half = time.count() / 2;
  return std::chrono::milliseconds(half + std::uniform_int_distribution<long>(0, half)(random));
}

}  // namespace

Link::Link(Options options)
    : options_(std::move(options)),
      socket_(options_.executor),
      resolver_(options_.executor),
      timer_(options_.executor),
      up_(metrics::gauge("respring_redis_up", {{"use", options_.use}})),
      losses_(metrics::counter("respring_redis_losses_total", {{"use", options_.use}})) {}

void Link::start() {
  auto body = [](std::shared_ptr<Link> self) -> Task<void> { co_await self->run(); };
  asio::co_spawn(options_.executor, body(shared_from_this()), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
}

void Link::stop() {
  if (stopping_.exchange(true)) return;
  asio::post(options_.executor, [self = shared_from_this()] {
    self->close();
    self->timer_.cancel();
    self->resolver_.cancel();
    self->up_.set(0);
  });
}

health::Status Link::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

void Link::wake() {
  if (wake_posted_.exchange(true)) return;
  asio::post(options_.executor, [self = shared_from_this()] {
    self->wake_posted_ = false;
    self->flush();
  });
}

Error Link::unavailable(std::string_view why) const {
  return respring::unavailable(options_.address.str() + ": " + std::string(why),
                               std::chrono::seconds(1));
}

Task<void> Link::run() {
  while (!stopping_) {
    auto connected = co_await connect();
    if (stopping_) break;
    if (!connected) {
      ++failures_;
      set_down(connected.error(), false);
      co_await pause();
      continue;
    }
    const auto since = Clock::now();
    set_up();
    const Error why = co_await serve();
    close();
    if (stopping_) break;
    losses_.add();
    // One that breaks as soon as it stands is no better than one that does not come about.
    const bool lasted = Clock::now() - since >= kLasting;
    failures_ = lasted ? 0 : failures_ + 1;
    set_down(why, lasted);
    if (!lasted) co_await pause();
  }
  close();
}

Task<Result<void>> Link::connect() {
  phase_ = Phase::connecting;
  failure_.clear();
  reader_ = std::make_unique<ReplyReader>(options_.max_reply_bytes);
  attempt_ends_ = Clock::now() + options_.connect_timeout;
  arm();
  auto done = co_await reach();
  if (done) done = co_await log_in();
  if (done) co_return success();
  close();
  if (!failure_.empty()) co_return unavailable(failure_);
  co_return std::move(done).error();
}

Task<Result<void>> Link::reach() {
  boost::system::error_code error;
  const auto endpoints =
      co_await resolver_.async_resolve(options_.address.host, std::to_string(options_.address.port),
                                       asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return unavailable("cannot resolve the host: " + error.message());
  error = asio::error::host_not_found;
  for (const auto& endpoint : endpoints) {
    if (stopping_ || !failure_.empty()) break;
    boost::system::error_code ignored;
    socket_.close(ignored);
    co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) break;
  }
  if (error) co_return unavailable("cannot connect: " + error.message());
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  co_return success();
}

Task<Result<void>> Link::log_in() {
  const auto steps = login_of(options_.address, options_.use);
  std::string all;
  for (const Step& step : steps) all += step.command;
  boost::system::error_code error;
  co_await asio::async_write(socket_, asio::buffer(all),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return unavailable("cannot log in: " + error.message());
  for (const Step& step : steps) {
    RESPRING_CO_TRY(const Reply reply, co_await read_reply());
    if (!reply.is_error()) continue;
    const auto code = reply.error_code();
    if (code == "NOAUTH") co_return unavailable("it wants a password, and the URL has none");
    // Only the code: a server's sentence may quote what it was sent.
    if (step.required) co_return unavailable(step.refusal + " (" + std::string(code) + ")");
  }
  co_return success();
}

Task<Result<void>> Link::read_more() {
  boost::system::error_code error;
  const std::size_t n = co_await socket_.async_read_some(
      asio::buffer(buffer_), asio::redirect_error(asio::use_awaitable, error));
  if (error == asio::error::eof) co_return unavailable("the server closed the connection");
  if (error) co_return unavailable("connection lost: " + error.message());
  heard_ = Clock::now();
  co_return reader_->feed(std::string_view(buffer_.data(), n));
}

Task<Result<Reply>> Link::read_reply() {
  while (true) {
    RESPRING_CO_TRY(auto reply, reader_->next());
    if (reply) co_return std::move(*reply);
    RESPRING_CO_TRYV(co_await read_more());
  }
}

Task<Error> Link::serve() {
  while (!stopping_) {
    auto reply = co_await read_reply();
    if (!failure_.empty()) co_return unavailable(failure_);
    if (!reply) co_return std::move(reply).error();
    on_reply(std::move(reply).value());
  }
  co_return unavailable("stopped");
}

Task<void> Link::pause() {
  phase_ = Phase::pausing;
  const int doublings = std::clamp(failures_ - 1, 0, 16);
  const auto time = std::min(options_.first_backoff * (1 << doublings), options_.longest_backoff);
  timer_.expires_after(jittered(time));
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  armed_for_ = Clock::time_point::max();
}

void Link::flush() {
  if (stopping_) return;
  if (phase_ == Phase::up && !writing_) {
    auto bytes = std::make_shared<std::string>(take_output());
    if (!bytes->empty()) {
      writing_ = true;
      auto self = shared_from_this();
      asio::async_write(socket_, asio::buffer(*bytes),
                        [self, bytes, generation = generation_](
                            const boost::system::error_code& error, std::size_t) {
                          if (generation != self->generation_) return;
                          self->writing_ = false;
                          if (!error) return self->flush();
                          self->fail_now("connection lost: " + error.message());
                        });
    }
  }
  arm();
}

void Link::arm() {
  if (phase_ == Phase::pausing) return;
  auto at = phase_ == Phase::up ? heard_ + options_.ping_after : attempt_ends_;
  if (const auto deadline = next_deadline()) at = std::min(at, *deadline);
  if (at < armed_for_) arm_at(at);
}

void Link::arm_at(Clock::time_point at) {
  armed_for_ = at;
  timer_.expires_at(at);
  timer_.async_wait([self = shared_from_this(), at](const boost::system::error_code& error) {
    if (error || self->armed_for_ != at) return;
    self->armed_for_ = Clock::time_point::max();
    if (!self->stopping_) self->on_timer();
  });
}

void Link::on_timer() {
  if (phase_ == Phase::pausing) return;
  const auto now = Clock::now();
  const auto deadline = next_deadline();
  const bool overdue = deadline && *deadline <= now;
  if (phase_ == Phase::up) {
    boost::system::error_code ignored;
    if (overdue && socket_.available(ignored) == 0) return fail_now("no answer in time");
    if (overdue) return arm_at(now + kBusyGrace);  // it was this loop that was late
    if (now >= heard_ + options_.ping_after) {
      on_silence();
      heard_ = now;  // what it owes now has a deadline
    }
  } else {
    if (overdue) set_down(unavailable("no connection in time"), false);
    if (now >= attempt_ends_) {
      fail_now("no connection in time");
      attempt_ends_ = Clock::time_point::max();
    }
  }
  flush();
}

// The read under way ends with an error, and with it the connection.
void Link::fail_now(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  resolver_.cancel();
  close();
  if (phase_ == Phase::connecting) set_down(unavailable(failure_), false);
}

void Link::close() {
  ++generation_;
  writing_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Link::set_up() {
  phase_ = Phase::up;
  told_down_ = false;
  heard_ = Clock::now();
  up_.set(1);
  {
    const std::lock_guard lock(status_mutex_);
    status_ = {};
  }
  log::info("redis.up", {{"use", options_.use}, {"server", options_.address.str()}});
  on_up();
  flush();
}

void Link::set_down(const Error& why, bool retrying) {
  up_.set(0);
  if (retrying || !told_down_) {
    told_down_ = !retrying;
    log::warn(retrying ? "redis.lost" : "redis.down",
              {{"use", options_.use}, {"error", why.detail}});
  }
  {
    const std::lock_guard lock(status_mutex_);
    status_ = {health::State::degraded, why.detail};
  }
  on_down(why, retrying);
}

}  // namespace respring::redis
