#include "respring/serve/figures.h"

#include <pthread.h>

#include <algorithm>
#include <map>

#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

void refresh_shard(const store::RoomLog::ShardStats& shard) {
  const metrics::Labels of_shard = {{"shard", shard.name}};
  metrics::gauge("respring_outbox_rows", of_shard)
      .set(static_cast<double>(shard.relay.waiting_rows));
  metrics::gauge("respring_relay_holder", of_shard).set(shard.relay.relaying ? 1 : 0);
  metrics::gauge("respring_outbox_oldest_seconds", of_shard)
      .set(static_cast<double>(shard.relay.oldest_age_ms) / 1000);
  metrics::gauge("respring_pool_queued", {{"pool", shard.name + "-reads"}})
      .set(static_cast<double>(shard.reads_queued));
  metrics::gauge("respring_pool_queued", {{"pool", shard.name + "-writes"}})
      .set(static_cast<double>(shard.writer.queued));
  metrics::gauge("respring_pool_queued", {{"pool", shard.name + "-frozen"}})
      .set(static_cast<double>(shard.writer.frozen));
}

/// As the meta database has it.
const char* state_of(const shardmap::Move& move, Time now) {
  if (move.state == shardmap::MoveState::run) return move.lease_until < now ? "left" : "running";
  return move.state == shardmap::MoveState::aborted ? "taken_back" : "kept";
}

void tell_of_moves(const std::vector<shardmap::Move>& moves, Time now) {
  std::map<std::string_view, double> by_state = {
      {"running", 0}, {"left", 0}, {"taken_back", 0}, {"kept", 0}};
  std::int64_t rows = 0;
  Time oldest = now;
  for (const shardmap::Move& move : moves) {
    by_state[state_of(move, now)] += 1;
    if (move.state != shardmap::MoveState::run) continue;
    rows += move.rows;
    oldest = std::min(oldest, move.created_at);
  }
  for (const auto& [state, count] : by_state)
    metrics::gauge("respring_moves", {{"state", std::string(state)}}).set(count);
  metrics::gauge("respring_move_rows_copied").set(static_cast<double>(rows));
  metrics::gauge("respring_move_oldest_seconds")
      .set(std::chrono::duration<double>(now - oldest).count());
}

}  // namespace

void refresh_figures(const Platform& platform) {
  if (platform.log) {
    for (const auto& shard : platform.log->stats()) refresh_shard(shard);
    metrics::gauge("respring_shard_map_version")
        .set(static_cast<double>(platform.log->map()->version));
  }
  metrics::gauge("respring_pool_queued", {{"pool", "passwords"}})
      .set(static_cast<double>(platform.passwords->queued()));
}

SlowFigures::SlowFigures(const Platform& platform, std::vector<std::string> groups)
    : platform_(platform), groups_(std::move(groups)), thread_([this] { watch(); }) {
  pthread_setname_np(thread_.native_handle(), "slow-figures");
}

SlowFigures::~SlowFigures() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void SlowFigures::watch() {
  constexpr std::chrono::seconds kEvery{5};
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    ask_for_lags();
    ask_for_moves();
    lock.lock();
    wake_.wait_for(lock, kEvery, [this] { return stopping_; });
  }
}

void SlowFigures::ask_for_lags() {
  for (const std::string& group : groups_) {
    const auto lag = platform_.bus->lag(group, chat::kRoomEventsTopic);
    if (!lag) continue;  // the follower of the group says what is wrong
    metrics::gauge("respring_bus_lag", {{"group", group}}).set(static_cast<double>(lag.value()));
  }
}

/// A database that is away shows elsewhere; until it is back the last figures stand.
void SlowFigures::ask_for_moves() {
  if (!platform_.open_moves) return;
  const auto moves = platform_.open_moves();
  if (moves) tell_of_moves(moves.value(), platform_.clock.now());
}

}  // namespace respring::cmd
