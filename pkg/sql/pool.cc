#include "sql/pool.h"

namespace respring::sql {

Result<Pool::Lease> Pool::acquire(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto available = [this] { return !free_.empty() || open_ < size_; };
  if (!freed_.wait_until(lock, deadline, available))
    return Failure{Errc::busy, "all connections to the database are in use"};
  while (!free_.empty()) {
    auto idle = std::move(free_.back());
    free_.pop_back();
    lock.unlock();
    const bool fresh = std::chrono::steady_clock::now() < idle.check_at;
    if (fresh || idle.connection->check()) return Lease(*this, std::move(idle.connection));
    idle.connection.reset();
    lock.lock();
    --open_;
  }
  ++open_;
  lock.unlock();
  auto connection = connect_();
  if (connection) return Lease(*this, std::move(connection).assume_value());
  give_back(nullptr);
  return std::move(connection).assume_error();
}

void Pool::give_back(std::unique_ptr<Connection> connection) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (connection && connection->usable()) {
      free_.push_back({std::move(connection), std::chrono::steady_clock::now() + check_after_});
    } else {
      --open_;
      // What broke it may have broken the others.
      for (auto& idle : free_) idle.check_at = {};
    }
  }
  freed_.notify_one();
}

}  // namespace respring::sql
