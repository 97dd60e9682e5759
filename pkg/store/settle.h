#pragma once

#include <functional>
#include <string>

#include "shardmap/move.h"
#include "sql/pool.h"

namespace respring::store {

/// How to reach the databases of a site.
struct Fleet {
  sql::Connect meta;
  /// `unavailable` for a shard that is not configured here.
  std::function<sql::Result<std::unique_ptr<sql::Connection>>(const std::string& shard)> shard;
  /// Of its replica that is to be waited for; nothing for a shard without one.
  std::function<sql::Result<std::unique_ptr<sql::Connection>>(const std::string& shard)> replica{};
};

enum class Settling : std::uint8_t {
  at_once,  ///< only until writes can go on
  fully,    ///< also what an aborted move left at its target
};

/// Carries out on both shards what the meta database decided about a move: whoever comes may do it,
/// as often as he likes. A running move is left alone.
sql::Result<void> settle_move(const Fleet& fleet, sql::Connection& meta, const shardmap::Move& move,
                              Time now, Settling how);

/// The part of it that the writers of a committed move wait for, over connections that are open.
sql::Result<void> finish_move(sql::Connection& source, sql::Connection& target,
                              const shardmap::Move& move);

/// What a writer does that has met a frozen slot for too long: a move that runs is aborted, what
/// was decided is carried out.
sql::Result<void> thaw_slot(const Fleet& fleet, shardmap::Slot slot, Time now);

}  // namespace respring::store
