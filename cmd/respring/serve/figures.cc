#include "respring/serve/figures.h"

#include <pthread.h>

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

LagWatch::LagWatch(chat::EventBus& bus, std::vector<std::string> groups)
    : bus_(bus), groups_(std::move(groups)), thread_([this] { watch(); }) {
  pthread_setname_np(thread_.native_handle(), "bus-lag");
}

LagWatch::~LagWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void LagWatch::watch() {
  constexpr std::chrono::seconds kEvery{5};
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    for (const std::string& group : groups_) {
      const auto lag = bus_.lag(group, chat::kRoomEventsTopic);
      if (!lag) continue;  // the follower of the group says what is wrong
      metrics::gauge("respring_bus_lag", {{"group", group}}).set(static_cast<double>(lag.value()));
    }
    lock.lock();
    wake_.wait_for(lock, kEvery, [this] { return stopping_; });
  }
}

}  // namespace respring::cmd
