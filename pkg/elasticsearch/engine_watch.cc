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

// Before the first look was answered nothing else counts: a write may be, and a search too slow.
void EngineWatch::note_success() {
  const std::lock_guard lock(mutex_);
  if (status_.state == health::State::degraded) status_ = {};
}

void EngineWatch::note_failure(const Error& error) {
  const std::lock_guard lock(mutex_);
  const bool asleep = status_.state == health::State::failed;
  status_ = {asleep ? health::State::failed : health::State::degraded, error.detail};
}

void EngineWatch::wake(const Result<void>& found) {
  if (!found) return note_failure(found.error());
  const std::lock_guard lock(mutex_);
  status_ = {};
}

health::Status EngineWatch::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Task<void> EngineWatch::run() {
  while (!stopping_) {
    if (status().state != health::State::ok) {
      const auto found = co_await look_();
      wake(found);
    }
    if (stopping_) co_return;
    const bool asleep = status().state == health::State::failed;
    pause_.expires_after(asleep ? kBetweenFirstLooks : kBetweenLooks);
    boost::system::error_code ignored;  // cancelled: it is over
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace respring::elasticsearch
