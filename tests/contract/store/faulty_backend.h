#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "store_backend.h"

namespace respring::store {

/// What goes wrong, set by the test while stores use the database.
struct Faults {
  std::string only{};  ///< the database they concern; empty: each. Set before the stores open it
  std::atomic<int> lose_commit_answers{0};     ///< the next ones happen, but nobody hears of it
  std::atomic<int> lose_commits{0};            ///< the next ones do not happen, and nobody knows
  std::atomic<int> refuse_begins{0};           ///< the next write transactions: `busy`
  std::atomic<int> full_disks{0};              ///< the next INSERTs into message: `disk_full`
  std::atomic<bool> unreachable{false};        ///< no new connection, and the old ones are cut
  std::atomic<bool> gone_after_commit{false};  ///< unreachable from the next lost answer on
};

/// Another adapter whose connections fail when they are told to.
class FaultyBackend final : public StoreBackend {
 public:
  FaultyBackend(StoreBackend& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  sql::Connect database(const std::string& name) override;

 private:
  StoreBackend& inner_;
  Faults& faults_;
};

}  // namespace respring::store
