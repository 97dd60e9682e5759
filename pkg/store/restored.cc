#include "store/restored.h"

#include <algorithm>
#include <set>

#include "store/directory_rows.h"
#include "store/inspect.h"
#include "store/many_rows.h"
#include "store/slot_tables.h"
#include "store/slots.h"

namespace respring::store {
namespace {

using shardmap::Slot;

constexpr int kRoomsAtOnce = 500;

// Rooms that some list knows by an event behind their end.
sql::Result<std::set<RoomId>> listed_beyond(sql::Connection& directory,
                                            const std::vector<RoomEntry>& rooms) {
  const auto bind = [](sql::Statement& statement, int index, const RoomEntry& room) {
    return sql::bind_values(statement, index, room.key.room, room.row.last_seq);
  };
  std::set<RoomId> found;
  const auto read = [&found](const sql::Rows& row) { found.insert(row.id<RoomId>(0)); };
  RESPRING_TRYV(for_each_of(directory, "SELECT room_id FROM listed_room WHERE ",
                            "(room_id=? AND seq>?)", "", rooms, bind, read));
  return found;
}

sql::Result<void> forget_lists(sql::Connection& directory, RoomId room) {
  RESPRING_TRYV(directory.run("UPDATE listed_room SET seq=0, present=0 WHERE room_id=?", room));
  return success();
}

Result<void> list_members(sql::Connection& shard, sql::Connection& directory, const RoomKey& room) {
  RESPRING_TRY(const auto members, load_members(shard, room));
  RESPRING_TRY(auto transaction, sql::Transaction::begin(directory, sql::Begin::write));
  RESPRING_TRYV(forget_lists(directory, room.room));
  for (const auto& member : members) {
    RESPRING_TRYV(put_listed(directory, room.room, member.user, member.joined_seq, true));
  }
  RESPRING_TRYV(transaction.commit());
  return success();
}

Result<std::int64_t> relist_rooms(sql::Connection& shard, sql::Connection& directory,
                                  const std::set<Slot>& slots, bool dry_run) {
  std::int64_t relisted = 0;
  RoomKey after{Slot{-1}, RoomId{}};
  while (true) {
    RESPRING_TRY(auto rooms, all_rooms(shard, after, kRoomsAtOnce));
    if (rooms.empty()) return relisted;
    after = rooms.back().key;
    std::erase_if(rooms, [&](const RoomEntry& room) {
      return !slots.contains(room.key.slot) || room.row.closed_at;
    });
    RESPRING_TRY(const auto beyond, listed_beyond(directory, rooms));
    relisted += static_cast<std::int64_t>(beyond.size());
    for (const auto& room : rooms) {
      if (dry_run || !beyond.contains(room.key.room)) continue;
      RESPRING_TRYV(list_members(shard, directory, room.key));
    }
  }
}

sql::Result<std::vector<RoomId>> made_rooms(sql::Connection& directory, RoomId after) {
  RESPRING_TRY(auto rows, directory.query("SELECT room_id FROM reservation WHERE active=1 AND "
                                          "room_id>? ORDER BY room_id LIMIT ?",
                                          after, kRoomsAtOnce));
  std::vector<RoomId> rooms;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return rooms;
    rooms.push_back(rows.id<RoomId>(0));
  }
}

sql::Result<std::set<RoomId>> rooms_here(sql::Connection& shard, const std::vector<RoomKey>& keys) {
  const auto bind = [](sql::Statement& statement, int index, const RoomKey& key) {
    return sql::bind_values(statement, index, key.slot.value, key.room);
  };
  std::set<RoomId> here;
  const auto read = [&here](const sql::Rows& row) { here.insert(row.id<RoomId>(0)); };
  RESPRING_TRYV(for_each_of(shard, "SELECT room_id FROM room WHERE ", "(slot=? AND room_id=?)", "",
                            keys, bind, read));
  return here;
}

sql::Result<void> reserve_again(sql::Connection& directory, RoomId room) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(directory, sql::Begin::write));
  RESPRING_TRYV(forget_lists(directory, room));
  RESPRING_TRYV(directory.run("UPDATE reservation SET active=0 WHERE room_id=?", room));
  RESPRING_TRYV(transaction.commit());
  return success();
}

sql::Result<std::int64_t> reserve_missing(sql::Connection& shard, sql::Connection& directory,
                                          const shardmap::ShardMap& map,
                                          const std::set<Slot>& slots, bool dry_run) {
  std::int64_t missing = 0;
  RoomId after{};
  while (true) {
    RESPRING_TRY(const auto rooms, made_rooms(directory, after));
    if (rooms.empty()) return missing;
    after = rooms.back();
    std::vector<RoomKey> keys;
    for (const RoomId room : rooms) {
      const Slot slot = map.slot_of(room);
      if (slots.contains(slot)) keys.push_back({slot, room});
    }
    RESPRING_TRY(const auto here, rooms_here(shard, keys));
    for (const auto& key : keys) {
      if (here.contains(key.room)) continue;
      ++missing;
      if (dry_run) continue;
      RESPRING_TRYV(reserve_again(directory, key.room));
    }
  }
}

}  // namespace

sql::Result<std::vector<Slot>> open_slots(sql::Connection& shard) {
  RESPRING_TRY(auto rows, shard.query("SELECT slot FROM slot_owner WHERE keyspace=? AND state IN "
                                      "('ACTIVE','MOVING','FROZEN') ORDER BY slot",
                                      kRoomKeyspace));
  std::vector<Slot> slots;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return slots;
    slots.push_back(Slot{static_cast<std::int32_t>(rows.int64(0))});
  }
}

sql::Result<std::int64_t> restart_histories(sql::Connection& shard, const std::vector<Slot>& slots,
                                            Time now, bool dry_run) {
  const RoomEpoch epoch = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  RESPRING_TRY(auto transaction,
               sql::Transaction::begin(shard, dry_run ? sql::Begin::read : sql::Begin::write));
  std::int64_t rooms = 0;
  for (const Slot slot : slots) {
    RESPRING_TRY(const auto some, count_of(shard, {slot.value, {}}, SlotTable::room));
    rooms += some;
    if (dry_run || some == 0) continue;
    RESPRING_TRYV(
        shard.run("UPDATE room SET epoch=CASE WHEN epoch<? THEN ? ELSE epoch+1 END WHERE slot=?",
                  epoch, epoch, slot.value));
  }
  if (!dry_run) {
    RESPRING_TRYV(transaction.commit());
  }
  return rooms;
}

Result<Relisted> relist(sql::Connection& shard, sql::Connection& directory,
                        const shardmap::ShardMap& map, const std::vector<Slot>& slots,
                        bool dry_run) {
  const std::set<Slot> here(slots.begin(), slots.end());
  Relisted done;
  RESPRING_TRY(done.rooms, relist_rooms(shard, directory, here, dry_run));
  RESPRING_TRY(done.to_make, reserve_missing(shard, directory, map, here, dry_run));
  return done;
}

}  // namespace respring::store
