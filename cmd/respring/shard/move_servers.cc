// What a move asks the servers about themselves: their work, their space, their replicas.
#include <algorithm>

#include "respring/shard/move_stores.h"
#include "store/map_store.h"
#include "store/replica.h"

namespace respring::cmd {

Result<std::int64_t> MoveStores::threads_running(const move::Move& move) {
  std::int64_t most = 0;
  for (const auto& name : {move.source, move.target}) {
    RESPRING_TRY(auto* database, shard(name));
    const auto running = database->threads_running();
    if (!running) return as_error(name, running.error());
    most = std::max(most, running.value());
  }
  return most;
}

Result<void> MoveStores::fits(const move::Move& move) {
  RESPRING_TRY(auto* connection, meta());
  const auto known = store::list_shards(*connection);
  if (!known) return as_error("meta", known.error());
  const auto entry = std::ranges::find(known.value(), move.target, &store::ShardEntry::name);
  if (entry == known.value().end() || entry->capacity == 0) return success();
  RESPRING_TRY(auto* source, shard(move.source));
  RESPRING_TRY(auto* target, shard(move.target));
  const auto needed = store::bytes_of(*source, store::source_part(move));
  if (!needed) return as_error(move.source, needed.error());
  const auto used = target->bytes();
  if (!used) return as_error(move.target, used.error());
  const std::int64_t after = used.value() + needed.value();
  if (after <= entry->capacity / 10 * 9) return success();
  const auto mebibytes = [](std::int64_t bytes) { return std::to_string((bytes >> 20) + 1); };
  return Error{ErrorCode::conflict,
               move.target + " may hold " + std::to_string(entry->capacity >> 20) +
                   " MiB and slot " + std::to_string(move.slot.value) +
                   " would fill more than 90 % of that: " + mebibytes(used.value()) +
                   " MiB are used, " + mebibytes(needed.value()) + " MiB would come",
               {},
               {}};
}

Result<sql::Connection*> MoveStores::replica(const std::string& name) {
  auto& connection = connections_["replica of " + name];
  if (connection && connection->usable()) return connection.get();
  connection.reset();
  if (!fleet_.replica) return nullptr;
  auto opened = fleet_.replica(name);
  if (!opened) return as_error("replica of " + name, opened.error());
  connection = std::move(opened).value();
  return connection.get();
}

Result<std::string> MoveStores::position(const move::Move& move) {
  RESPRING_TRY(auto* behind, replica(move.target));
  if (behind == nullptr) return std::string();
  RESPRING_TRY(auto* target, shard(move.target));
  auto position = store::position_of(*target);
  if (!position) return as_error(move.target, position.error());
  return std::move(position).value();
}

Result<bool> MoveStores::replicated(const move::Move& move, const std::string& position) {
  RESPRING_TRY(auto* behind, replica(move.target));
  if (behind == nullptr) return true;
  const auto has = store::has_position(*behind, position);
  if (!has) return as_error("replica of " + move.target, has.error());
  return has.value();
}

// By our own clock: the oldest of the positions that were seen at the target and is not there yet.
Result<std::int64_t> MoveStores::replica_lag_ms(const move::Move& move) {
  RESPRING_TRY(const std::string there, position(move));
  const auto now = Steady::now();
  if (lacks_.empty() || lacks_.back().second != there) lacks_.emplace_back(now, there);
  while (!lacks_.empty()) {
    RESPRING_TRY(const bool has, replicated(move, lacks_.front().second));
    if (!has) break;
    lacks_.pop_front();
  }
  if (lacks_.empty()) return 0;
  const auto since = now - lacks_.front().first;
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace respring::cmd
