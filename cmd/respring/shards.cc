#include "respring/shards.h"

#include "respring/serve/platform.h"

namespace respring::cmd {

Result<Shards> Shards::open(const Site& site) {
  Shards shards;
  auto map = map_of(site.settings, site.dir);
  if (!map) return in_shard("shard map", map.error());
  shards.map_ = std::move(map).value();
  for (const ShardSettings& shard : site.settings.stores.shards) {
    const Database database{shard.name, shard.database, "message"};
    RESPRING_TRY(auto connection, open_current(site.dir, database, true));
    shards.shards_.push_back({shard.name, std::move(connection)});
  }
  const auto blobs = std::make_shared<std::unique_ptr<chat::BlobStore>>();
  const auto opened = [blobs, &site]() -> Result<chat::BlobStore*> {
    if (!*blobs) {
      RESPRING_TRY(*blobs, open_blobs(site.dir, site.settings));
    }
    return blobs->get();
  };
  shards.archive_ = std::make_unique<store::ArchivedSegments>(opened);
  return shards;
}

Error in_shard(const std::string& shard, const sql::Failure& failure) {
  return internal(shard + ": " + failure.detail);
}

Error in_shard(const std::string& shard, Error error) {
  error.detail = shard + ": " + error.detail;
  return error;
}

Result<FoundRoom> find_room(Shards& shards, RoomId room) {
  const store::RoomKey key = shards.key_of(room);
  Shards::Shard& shard = shards.of(key);
  auto row = store::load_room(*shard.connection, key);
  if (!row) return in_shard(shard.name, row.error());
  if (!row.value()) return not_found(shard.name + " has no room " + room.str());
  return FoundRoom{{key, std::move(*row.value())}, &shard};
}

}  // namespace respring::cmd
