#include "respring/serve/figures.h"

#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

void refresh_shard(const store::RoomLog::ShardStats& shard) {
  const metrics::Labels of_shard = {{"shard", shard.name}};
  metrics::gauge("respring_outbox_rows", of_shard)
      .set(static_cast<double>(shard.relay.waiting_rows));
  metrics::gauge("respring_outbox_oldest_seconds", of_shard)
      .set(static_cast<double>(shard.relay.oldest_age_ms) / 1000);
  metrics::gauge("respring_pool_queued", {{"pool", shard.name + "-reads"}})
      .set(static_cast<double>(shard.reads_queued));
  metrics::gauge("respring_pool_queued", {{"pool", shard.name + "-writes"}})
      .set(static_cast<double>(shard.writer.queued));
}

}  // namespace

void refresh_figures(const Platform& platform) {
  if (platform.log) {
    for (const auto& shard : platform.log->stats()) refresh_shard(shard);
  }
  metrics::gauge("respring_pool_queued", {{"pool", "passwords"}})
      .set(static_cast<double>(platform.passwords->queued()));
  if (!platform.bus) return;
  for (const std::string group : {"room-lists", "search-index"}) {
    const auto lag = platform.bus->lag(group, chat::kRoomEventsTopic);
    if (lag) {
      metrics::gauge("respring_bus_lag", {{"group", group}}).set(static_cast<double>(lag.value()));
    }
  }
}

}  // namespace respring::cmd
