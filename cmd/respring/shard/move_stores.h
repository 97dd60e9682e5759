#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/time.h"
#include "ops/move/stores.h"
#include "respring/shard/map_news.h"
#include "respring/shard/read_ahead.h"
#include "store/settle.h"
#include "store/shard_moves.h"

namespace respring::cmd {

/// A database's failure with the name of the database, as operations know it: another try makes
/// sense with `overloaded` and `upstream_unavailable`.
Error as_error(const std::string& database, const sql::Failure& failure);

/// The databases of a site as one move needs them. Connections are opened again when they broke.
/// One thread.
class MoveStores final : public move::Stores {
 public:
  MoveStores(store::Fleet fleet, const Clock& clock, std::chrono::milliseconds clean_delay,
             MapNews& news)
      : fleet_(std::move(fleet)),
        clock_(clock),
        clean_delay_(clean_delay),
        news_(news),
        rows_(fleet_.shard) {}

  Result<void> check(const move::Move& move) override;
  Result<std::int64_t> size(const move::Move& move) override;
  Result<std::int64_t> threads_running(const move::Move& move) override;
  /// `conflict` when the target would be filled beyond what it may hold, as far as that is known.
  Result<void> fits(const move::Move& move);
  Result<std::int64_t> replica_lag_ms(const move::Move& move) override;
  Result<std::string> position(const move::Move& move) override;
  Result<bool> replicated(const move::Move& move, const std::string& position) override;
  Result<void> import(const move::Move& move) override;
  Result<void> journal(const move::Move& move) override;
  Result<move::Copied> copy(const move::Move& move, int rows) override;
  Result<move::Drained> drain(const move::Move& move, int entries) override;
  Result<void> prepare_switch(const move::Move& move) override;
  Result<Time> freeze(const move::Move& move, bool patient) override;
  Result<bool> compare(const move::Move& move, int rows) override;
  Result<std::int64_t> differing(const move::Move& move) override;
  Result<std::int64_t> backlog(const move::Move& move) override;
  Result<bool> unpublished(const move::Move& move) override;
  Result<move::Move> report(const move::Move& move) override;
  Result<move::Move> find(const move::Move& move) override;
  Result<void> commit(const move::Move& move) override;
  Result<void> open(const move::Move& move) override;
  Result<bool> abort(const move::Move& move, move::AbortCause cause,
                     const std::string& why) override;
  Result<void> settle(const move::Move& move) override;
  Result<bool> clean(const move::Move& move, int rows) override;

  /// The meta database.
  Result<sql::Connection*> meta();
  Result<sql::Connection*> shard(const std::string& name);
  /// Nothing for a shard without one.
  Result<sql::Connection*> replica(const std::string& name);

 private:
  Result<void> mine(const std::string& database, const sql::Result<bool>& result,
                    const move::Move& move);

  store::Fleet fleet_;
  const Clock& clock_;
  std::chrono::milliseconds clean_delay_;
  MapNews& news_;
  std::map<std::string, std::unique_ptr<sql::Connection>> connections_;
  ReadAhead rows_;  // of the copy
  store::Comparison comparison_;
  using Steady = std::chrono::steady_clock;
  std::deque<std::pair<Steady::time_point, std::string>> lacks_;  // what the replica had not yet
  std::set<store::Touched> suspects_;  // different when compared, or written since
};

}  // namespace respring::cmd
