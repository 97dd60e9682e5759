#pragma once

#include <memory>
#include <string>
#include <vector>

#include "respring/shard/move_stores.h"
#include "respring/site.h"
#include "store/map_store.h"

namespace respring::cmd {

/// What every `respring shard …` works with: the site, its map and its databases. A server may run
/// on it meanwhile.
struct ShardSite {
  std::unique_ptr<Site> site;
  SystemClock clock;
  std::vector<std::string> names;  ///< of the configured shards, as the map's indexes mean
  shardmap::ShardMap map;          ///< as it was when this was opened
  std::unique_ptr<MapNews> news;
  std::unique_ptr<MoveStores> stores;
  std::chrono::milliseconds clean_delay{};

  /// Connections of its own, for one move.
  std::unique_ptr<MoveStores> make_stores() const;
  sql::Connection& meta() { return *stores->meta().value(); }
};

/// On failure everything has been said. `clean_delay`: how long a moved slot's old rows are kept.
Result<std::unique_ptr<ShardSite>, Exit> open_shard_site(
    Console& console, std::chrono::milliseconds clean_delay = std::chrono::minutes(10));

/// An error of these commands: 4 for what is refused, 5 for a database that is away, else 2.
Exit fail_shard(Console& console, const Error& error, std::string_view hint = {});
Exit fail_shard(Console& console, std::string_view database, const sql::Failure& failure);

/// `7`, `1-20`, `1-20,33`; `invalid_request` for anything else.
Result<std::vector<shardmap::Slot>> parse_slots(const std::string& text);
/// The other way round.
std::string text_of_slots(const std::vector<shardmap::Slot>& slots);

/// `2.4 ms`.
std::string text_of_pause(std::int64_t microseconds);

}  // namespace respring::cmd
