#include "elasticsearch/engine_watch.h"

#include <chrono>

namespace respring::elasticsearch {
namespace {

constexpr std::chrono::seconds kBetweenLooks{5};
constexpr std::chrono::milliseconds kBetweenFirstLooks{500};  // nobody can search before

}  // namespace

EngineWatch::EngineWatch(Loop& loop, Look look)
    : loop_(loop),
      look_(std::move(look)),
      pause_(loop.executor()),
      status_{health::State::failed, "the search engine has not answered yet"} {}

void EngineWatch::start() { loop_.spawn(run()); }

void EngineWatch::stop() {
  stopping_ = true;
  asio::post(loop_.executor(), [this] { pause_.cancel(); });
}

void EngineWatch::note_success() {
  if (fine_.exchange(true)) return;
  const std::lock_guard lock(mutex_);
  if (awake_) status_ = {};
}

void EngineWatch::note_failure(const Error& error) {
  fine_ = false;
  const std::lock_guard lock(mutex_);
  status_ = {awake_ ? health::State::degraded : health::State::failed, error.detail};
}

void EngineWatch::wake(const Result<void>& found) {
  if (!found) return note_failure(found.error());
  const std::lock_guard lock(mutex_);
  awake_ = true;
  fine_ = true;
  status_ = {};
}

health::Status EngineWatch::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Task<void> EngineWatch::run() {
  bool awake = false;
  while (!stopping_) {
    if (!fine_ || !awake) {
      const auto found = co_await look_();
      wake(found);
      awake = awake || found;
    }
    if (stopping_) co_return;
    pause_.expires_after(awake ? kBetweenLooks : kBetweenFirstLooks);
    boost::system::error_code ignored;  // cancelled: it is over
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace respring::elasticsearch
