#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "sql/connection.h"

namespace respring::sql {

/// Opens a new connection to a certain database. Safe from any thread.
using Connect = std::function<Result<std::unique_ptr<Connection>>()>;

/// At most `size` connections to one database, opened when needed; a broken one is not used again,
/// and one that lay idle for `check_after`, or since another one broke, is asked before it is lent.
/// Safe from any thread. Must outlive its leases.
class Pool {
 public:
  /// A connection for the time this lives.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  Pool(Connect connect, std::size_t size,
       std::chrono::milliseconds check_after = std::chrono::seconds(1))
      : connect_(std::move(connect)), size_(size), check_after_(check_after) {}

  /// Blocks until one is free; `busy` at the deadline, or what opening a new one failed with.
  Result<Lease> acquire(std::chrono::steady_clock::time_point deadline);
  Result<Lease> acquire() {
    return acquire(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point check_at;
  };

  void give_back(std::unique_ptr<Connection> connection) noexcept;

  Connect connect_;
  std::size_t size_;
  std::chrono::milliseconds check_after_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Idle> free_;
  std::size_t open_ = 0;  // free or lent
};

}  // namespace respring::sql
