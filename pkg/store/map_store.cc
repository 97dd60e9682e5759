#include "store/map_store.h"

#include <algorithm>

#include "store/many_rows.h"
#include "store/slots.h"

namespace respring::store {
namespace {

// What to do about a shard that the map names and this process does not know.
enum class Unknown : std::uint8_t { refuse, leave_out };

sql::Result<std::int64_t> stored_version(sql::Connection& meta) {
  RESPRING_TRY(auto rows,
               meta.query("SELECT version FROM map_version WHERE keyspace=?", kRoomKeyspace));
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.int64(0) : 0;
}

sql::Result<void> store_map(sql::Connection& meta, const shardmap::ShardMap& map) {
  for (const std::string& name : map.shards) {
    RESPRING_TRYV(meta.run("INSERT INTO shard (name, dsn_ref, weight, state) VALUES (?,?,?,?)",
                           name, "stores.shards." + name, 1, "ACTIVE"));
  }
  const auto bind = [&map](sql::Statement& statement, int index,
                           const shardmap::ShardMap::Owner& owner) {
    const auto slot = static_cast<std::int64_t>(&owner - map.owners.data());
    return sql::bind_values(statement, index, kRoomKeyspace, slot, map.name_of(owner), owner.epoch);
  };
  RESPRING_TRYV(insert_rows(meta, "INSERT INTO slot_map (keyspace, slot, owner, epoch) VALUES ",
                            "(?,?,?,?)", "", map.owners, bind));
  RESPRING_TRYV(meta.run("INSERT INTO map_version (keyspace, version) VALUES (?,?)", kRoomKeyspace,
                         map.version));
  return success();
}

sql::Result<std::map<RoomId, shardmap::Slot>> load_isolated(sql::Connection& meta) {
  RESPRING_TRY(auto rows, meta.query("SELECT room_id, slot FROM isolated_room WHERE keyspace=?",
                                     kRoomKeyspace));
  std::map<RoomId, shardmap::Slot> rooms;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return rooms;
    rooms[rows.id<RoomId>(0)] = shardmap::Slot{static_cast<std::int32_t>(rows.int64(1))};
  }
}

sql::Result<shardmap::ShardMap> load_map(sql::Connection& meta, std::int64_t version,
                                         const std::vector<std::string>& shards, Unknown unknown) {
  shardmap::ShardMap map;
  map.version = version;
  map.shards = shards;
  map.owners.resize(shardmap::kHashedSlots, {-1, 0});
  RESPRING_TRY(auto rows, meta.query("SELECT slot, owner, epoch FROM slot_map WHERE keyspace=?",
                                     kRoomKeyspace));
  std::size_t count = 0;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) break;
    const auto slot = static_cast<std::size_t>(rows.int64(0));
    const std::string owner = rows.text(1);
    const auto found = std::ranges::find(shards, owner);
    if (found == shards.end() && unknown == Unknown::refuse) {
      return sql::Failure{sql::Errc::other, "the shard map gives slots to '" + owner +
                                                "', which is not among stores.shards"};
    }
    if (slot >= shardmap::kMostSlots) continue;
    if (slot >= map.owners.size()) map.owners.resize(slot + 1, {-1, 0});
    const auto index = found == shards.end() ? -1 : found - shards.begin();
    map.owners[slot] = {static_cast<std::int32_t>(index), rows.int64(2)};
    if (slot < shardmap::kHashedSlots) ++count;
  }
  if (count != shardmap::kHashedSlots) {
    return sql::Failure{sql::Errc::corrupt, "the stored shard map has holes"};
  }
  RESPRING_TRY(map.isolated, load_isolated(meta));
  return map;
}

}  // namespace

namespace {

sql::Result<shardmap::ShardMap> in_turn(sql::Connection& meta,
                                        const std::vector<std::string>& shards) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(meta, sql::Begin::write));
  RESPRING_TRY(const std::int64_t version, stored_version(meta));
  if (version > 0) return load_map(meta, version, shards, Unknown::refuse);
  shardmap::ShardMap map = shardmap::even_map(shards);
  RESPRING_TRYV(store_map(meta, map));
  RESPRING_TRYV(transaction.commit());
  return map;
}

}  // namespace

sql::Result<shardmap::ShardMap> load_or_create_map(sql::Connection& meta,
                                                   const std::vector<std::string>& shards) {
  RESPRING_TRYV(meta.lock("respring map ", std::chrono::seconds(60)));
  auto map = in_turn(meta, shards);
  meta.unlock("respring map ");
  return map;
}

sql::Result<std::optional<shardmap::ShardMap>> load_newer_map(
    sql::Connection& meta, const std::vector<std::string>& shards, std::int64_t version) {
  RESPRING_TRY(const auto transaction, sql::Transaction::begin(meta, sql::Begin::read));
  RESPRING_TRY(const std::int64_t stored, stored_version(meta));
  if (stored <= version) return std::optional<shardmap::ShardMap>();
  RESPRING_TRY(auto map, load_map(meta, stored, shards, Unknown::leave_out));
  return std::optional(std::move(map));
}

sql::Result<std::vector<ShardEntry>> list_shards(sql::Connection& meta) {
  RESPRING_TRY(auto rows,
               meta.query("SELECT name, weight, state, capacity FROM shard ORDER BY name"));
  std::vector<ShardEntry> shards;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return shards;
    shards.push_back({rows.text(0), rows.int64(1), rows.text(2), rows.int64(3)});
  }
}

sql::Result<void> put_shard(sql::Connection& meta, const ShardEntry& shard) {
  const auto text =
      "INSERT INTO shard (name, dsn_ref, weight, state, capacity) VALUES (?,?,?,?,?)" +
      meta.dialect().on_conflict_update({"name"}, {"weight", "state", "capacity"});
  RESPRING_TRYV(meta.run(text, shard.name, "stores.shards." + shard.name, shard.weight, shard.state,
                         shard.capacity));
  return success();
}

}  // namespace respring::store
