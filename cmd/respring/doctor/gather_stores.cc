#include <algorithm>
#include <random>

#include "local/inspect.h"
#include "respring/doctor/gather.h"
#include "respring/search/engine.h"
#include "respring/search/file_index.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

constexpr std::int64_t kSampledRooms = 200;  ///< per shard, unless everything is to be read
constexpr int kRoomsAtOnce = 200;
constexpr std::size_t kShownFaults = 5;
constexpr int kSampledMessages = 5;

void note_fault(std::vector<std::string>& shown, std::int64_t& count, std::string fault) {
  ++count;
  if (shown.size() < kShownFaults) shown.push_back(std::move(fault));
}

/// A slot that is not where the map has it, or in a state that no move explains.
void compare_slots(const std::vector<store::SlotRow>& rows, const shardmap::ShardMap& map,
                   std::int32_t shard, doctor::ShardFacts& facts) {
  facts.slots = static_cast<std::int64_t>(rows.size());
  if (rows.empty() && facts.rooms == 0) return;  // no server has used it yet
  if (facts.slots < shardmap::kHashedSlots) {
    note_fault(facts.slot_faults, facts.slot_fault_count,
               "only " + std::to_string(rows.size()) + " slots are known to it");
  }
  for (const store::SlotRow& row : rows) {
    const auto& owner = map.owner_of(shardmap::Slot{row.slot});
    const bool mine = owner.shard == shard;
    const bool active = row.state == "ACTIVE" || row.state == "MOVING";
    if (mine == active && (!mine || row.epoch == owner.epoch)) continue;
    note_fault(facts.slot_faults, facts.slot_fault_count,
               "slot " + std::to_string(row.slot) + " is " + row.state + " epoch " +
                   std::to_string(row.epoch) + "; the map gives it to " +
                   (owner.shard < 0 ? "nobody" : map.name_of(owner)) + " epoch " +
                   std::to_string(owner.epoch));
  }
}

/// The room read again together with its log, so that a send meanwhile is no fault.
sql::Result<void> check_room(sql::Connection& db, const store::RoomKey& key,
                             doctor::ShardFacts& facts) {
  RESPRING_TRY(const auto transaction, sql::Transaction::begin(db, sql::Begin::read));
  RESPRING_TRY(auto row, store::load_room(db, key));
  if (!row) return success();
  const store::RoomEntry entry{key, std::move(*row)};
  RESPRING_TRY(const auto faults, store::density_faults(db, entry));
  ++facts.rooms_checked;
  if (!faults.empty()) {
    note_fault(facts.log_faults, facts.log_fault_count,
               "room " + key.room.str() + ": " + faults.front());
  }
  return success();
}

sql::Result<void> check_rooms(sql::Connection& db, std::int32_t from_slot, bool full,
                              doctor::ShardFacts& facts) {
  store::RoomKey after{shardmap::Slot{full ? -1 : from_slot}, RoomId{}};
  while (true) {
    RESPRING_TRY(const auto rooms, store::all_rooms(db, after, kRoomsAtOnce));
    for (const store::RoomEntry& room : rooms) {
      after = room.key;
      RESPRING_TRYV(check_room(db, room.key, facts));
      if (!full && facts.rooms_checked >= kSampledRooms) return success();
    }
    if (rooms.size() < kRoomsAtOnce) return success();
  }
}

/// Somewhere in the shard's part of the map, so that every look sees other rooms.
std::int32_t somewhere(const doctor::ShardFacts& facts) {
  if (facts.rooms <= kSampledRooms) return -1;
  std::random_device random;
  return std::uniform_int_distribution<std::int32_t>(-1, shardmap::kHashedSlots / 2)(random);
}

sql::Result<void> look_at_shard(sql::Connection& db, const shardmap::ShardMap& map,
                                std::int32_t index, bool full, doctor::ShardFacts& facts) {
  RESPRING_TRY(facts.rooms, store::count_rooms(db));
  RESPRING_TRY(const auto slots, store::slot_rows(db));
  compare_slots(slots, map, index, facts);
  RESPRING_TRY(const auto outbox, store::outbox_state(db));
  facts.outbox_rows = outbox.rows;
  facts.outbox_oldest = outbox.oldest;
  RESPRING_TRY(facts.newest, store::newest_time(db));
  return check_rooms(db, somewhere(facts), full, facts);
}

Result<void> look_at_groups(const Site& site, doctor::Facts& facts) {
  if (has_cluster(site.settings)) return success();  // seen with the cluster
  const auto bus = open_existing(site.dir, kBusDatabase, true);
  if (!bus) return success();  // told of among the files
  const auto lags = local::group_lags(*bus.value());
  if (!lags) return internal("event log: " + lags.error().detail);
  for (const local::GroupLag& lag : lags.value()) facts.groups.push_back({lag.group, lag.behind});
  return success();
}

/// Twice when something differs: what is only on its way to the index is gone by then.
Result<void> compare_index(Shards& shards, reindex::Indexed& indexed, bool full,
                           doctor::IndexFacts& facts) {
  LogSource source(shards);
  reindex::VerifyOptions options;
  options.sample = kSampledMessages;
  options.most_rooms = full ? 0 : kSampledRooms;
  RESPRING_TRY(const auto first, reindex::verify(source, indexed, options));
  facts.rooms_compared = first.rooms;
  if (first.found == 0) return success();
  RESPRING_TRY(const auto second, reindex::verify(source, indexed, options));
  for (const reindex::Difference& d : second.differences) {
    if (std::ranges::find(first.differences, d) == first.differences.end()) continue;
    ++facts.differences;
    if (facts.first_difference.empty())
      facts.first_difference =
          d.room.str() + (d.seq > 0 ? ":" + std::to_string(d.seq) : "") + " " + d.what;
  }
  return success();
}

Result<void> look_at_file(const Site& site, Shards& shards, bool full, doctor::Facts& facts) {
  const auto index = open_existing(site.dir, kSearchDatabase, true);
  if (!index) return success();
  facts.index.exists = true;
  const auto total = local::indexed_total(*index.value());
  if (!total) return internal("search index: " + total.error().detail);
  facts.index.documents = total.value();
  FileIndex indexed(*index.value());
  return compare_index(shards, indexed, full, facts.index);
}

/// Its generations; an engine that is away is told of among the servers.
Result<void> look_at_engine(const Site& site, Shards& shards, bool full, doctor::Facts& facts) {
  facts.index.on_engine = true;
  RESPRING_TRY(const auto options, engine_of(site.settings));
  SearchEngine engine(options);
  const auto generations = engine.list();
  facts.index.exists = !generations;  // not known
  if (!generations) return success();
  const auto unfinished = reindex::unfinished_generation(generations.value());
  if (unfinished) facts.index.unfinished = unfinished->name;
  for (const auto& one : generations.value()) {
    if (one.serving) facts.index.exists = true;
    if (!one.serving && one.build && one.build->kept_until &&
        *one.build->kept_until <= facts.machine.now)
      facts.index.outdated.push_back(one.name);
  }
  if (!facts.index.exists) return success();
  const auto target = open_target(options, std::nullopt);
  RESPRING_TRY(facts.index.documents, target->count(RoomId{}));
  return compare_index(shards, *target, full, facts.index);
}

/// Those that are not decided; the rest carries itself out.
Result<void> look_at_moves(const Site& site, doctor::Facts& facts) {
  constexpr int kMost = 100;
  const auto meta = open_existing(site.dir, site.settings.stores.meta, true);
  if (!meta) return success();  // told of among the databases
  const auto moves = store::list_moves(*meta.value(), std::nullopt, true, kMost);
  if (!moves) return internal("moves of slots: " + moves.error().detail);
  for (const shardmap::Move& move : moves.value()) {
    if (move.state != shardmap::MoveState::run) continue;
    facts.moves.push_back(
        {move.id, move.slot.value, move.source, move.target, move.stage, move.lease_until});
  }
  return success();
}

}  // namespace

void look_at_stores(const Site& site, bool full, doctor::Facts& facts) {
  const auto note = [&facts](const Result<void>& looked) {
    if (!looked) facts.blind.push_back(looked.error().detail);
  };
  auto shards = Shards::open(site);
  if (shards) {
    std::int32_t index = 0;
    for (Shards::Shard& shard : shards.value().all()) {
      doctor::ShardFacts& shard_facts = facts.shards.emplace_back();
      shard_facts.name = shard.name;
      const auto looked =
          look_at_shard(*shard.connection, shards.value().map(), index++, full, shard_facts);
      if (!looked) note(in_shard(shard.name, looked.error()));
    }
    note(look_at_moves(site, facts));
    note(has_engine(site.settings) ? look_at_engine(site, shards.value(), full, facts)
                                   : look_at_file(site, shards.value(), full, facts));
  }
  // A shard that cannot be opened is told of among the files.
  note(look_at_groups(site, facts));
}

}  // namespace respring::cmd
