#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "sql/connection.h"

namespace respring::store {

/// The right to relay a shard's outbox, kept in a row of the shard's own database. The holder shows
/// that it lives by raising a number; who sees it stand still for the lease's life takes over and
/// raises the fence, by which the old holder is known from then on. Only differences of a node's
/// own steady clock count, so clocks that are wrong do no harm. One thread uses it.
class RelayLease {
 public:
  using Steady = std::chrono::steady_clock;
  struct Options {
    std::string holder;  ///< for operators; rights do not follow from it
    std::chrono::milliseconds life{4000};
    /// The database belongs to this process alone: whoever held the lease is dead.
    bool alone = false;
    std::function<Steady::time_point()> now = Steady::now;
  };

  explicit RelayLease(Options options) : options_(std::move(options)) {}

  /// Whether it is held now: renews it when a quarter of its life has passed, takes it when it is
  /// free. Cheap while it is fresh.
  sql::Result<bool> hold(sql::Connection& db);
  /// Leaves it to others at once. An error is theirs to wait out.
  void release(sql::Connection& db);

  bool held() const { return held_; }
  std::int64_t fence() const { return fence_; }
  /// How long to wait before hold() is worth asking again.
  std::chrono::milliseconds pulse() const { return options_.life / 4; }

 private:
  struct Row {
    std::string holder;
    std::int64_t fence = 0;
    std::int64_t beat = 0;
  };

  sql::Result<bool> renew(sql::Connection& db);
  sql::Result<Row> look(sql::Connection& db);
  sql::Result<bool> take(sql::Connection& db, const Row& row);
  bool is_free(const Row& row);

  Options options_;
  bool held_ = false;
  std::int64_t fence_ = 0;
  Steady::time_point renewed_at_{};
  std::int64_t seen_fence_ = -1;  // of another holder, with its beat
  std::int64_t seen_beat_ = -1;
  Steady::time_point seen_at_{};
};

}  // namespace respring::store
