#include "async/pool.h"

#include <pthread.h>

namespace respring::async {

BlockingPool::BlockingPool(Options options) : options_(std::move(options)) {
  threads_.reserve(options_.threads);
  for (std::size_t i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { work_loop(); });
    pthread_setname_np(threads_.back().native_handle(), options_.name.substr(0, 15).c_str());
  }
}

BlockingPool::~BlockingPool() { stop(); }

bool BlockingPool::try_post(std::function<void()> job) {
  {
    std::unique_lock lock(mutex_);
    if (stopping_) return false;
    if (jobs_.size() >= options_.queue_limit) {
      lock.unlock();
      if (options_.on_refused) options_.on_refused();
      return false;
    }
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
  return true;
}

void BlockingPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t BlockingPool::queued() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void BlockingPool::work_loop() {
  if (options_.on_thread_start) options_.on_thread_start();
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) break;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    job();
    job = nullptr;  // captures end before the next wait
    if (options_.on_ran) options_.on_ran(std::chrono::steady_clock::now() - begun);
    lock.lock();
  }
  lock.unlock();
  if (options_.on_thread_stop) options_.on_thread_stop();
}

}  // namespace respring::async
