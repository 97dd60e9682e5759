#include <map>
#include <set>
#include <tuple>

#include "respring/shard/commands.h"
#include "respring/shard/repair.h"
#include "respring/shard/shard_site.h"
#include "store/inspect.h"
#include "store/move_records.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

using shardmap::Move;
using shardmap::MoveState;

struct Finding {
  std::string shard;
  std::string slot;
  std::string what;
  std::string repair;  ///< the command, or what --repair does
};

/// Compares what the map says with what the shards say.
class Verification {
 public:
  Verification(ShardSite& site, bool quick) : site_(site), quick_(quick) {}

  Result<std::vector<Finding>> run() {
    RESPRING_TRYV(moves());
    for (std::size_t i = 0; i < site_.names.size(); ++i) {
      RESPRING_TRYV(shard(static_cast<std::int32_t>(i)));
    }
    const auto count = static_cast<std::int32_t>(site_.map.owners.size());
    for (std::int32_t slot = 0; slot < count; ++slot) {
      const auto& owner = site_.map.owner_of(shardmap::Slot{slot});
      if (open_.contains(slot) || moving_.contains(slot) || owner.shard < 0) continue;
      add(owner.shard, slot, "the map gives it there, and it is not open there",
          "restore the shard, or respring shard fence --reconcile");
    }
    return grouped();
  }

 private:
  /// What is the same about many slots is one finding.
  std::vector<Finding> grouped() {
    for (auto& [key, slots] : same_) {
      auto& [shard, what, repair] = key;
      findings_.push_back({shard, text_of_slots(slots), what, repair});
    }
    return std::move(findings_);
  }

  void add(std::int32_t shard, std::int32_t slot, std::string what, std::string repair) {
    const auto& name = site_.names[static_cast<std::size_t>(shard)];
    same_[{name, std::move(what), std::move(repair)}].push_back(shardmap::Slot{slot});
  }

  Result<void> moves() {
    const auto all = store::list_moves(site_.meta(), std::nullopt, true, 10'000);
    if (!all) return as_error("meta", all.error());
    const Time now = site_.clock.now();
    for (const Move& move : all.value()) {
      if (move.state == MoveState::committed && move.settled) {
        kept_.emplace(move.slot.value, move.source);
        continue;
      }
      moving_.insert({move.slot.value, move.target_slot().value});
      if (move.state == MoveState::run && move.lease_until > now) continue;
      const bool runs = move.state == MoveState::run;
      findings_.push_back({move.source, std::to_string(move.slot.value),
                           runs ? "its move " + move.id + " has no mover"
                                : "its move " + move.id + " is decided and not carried out",
                           "respring shard resume " + move.id});
    }
    return success();
  }

  Result<void> shard(std::int32_t index) {
    const std::string& name = site_.names[static_cast<std::size_t>(index)];
    RESPRING_TRY(auto* db, site_.stores->shard(name));
    const auto rows = store::slot_rows(*db);
    if (!rows) return as_error(name, rows.error());
    const auto events = store::events_by_slot(*db);
    if (!events) return as_error(name, events.error());
    std::map<std::int32_t, std::int64_t> filled;
    for (const auto& [slot, count] : events.value()) filled[slot.value] = count;
    for (const auto& row : rows.value()) check(index, row, filled.contains(row.slot));
    return quick_ ? success() : density(*db, index);
  }

  void check(std::int32_t index, const store::SlotRow& row, bool has_rooms) {
    const auto state = shardmap::slot_state_named(row.state);
    const store::Fence fence{state, row.epoch};
    const bool open = fence.open() || state == shardmap::SlotState::frozen;
    const auto& owner = site_.map.owner_of(shardmap::Slot{row.slot});
    const bool ours = owner.shard == index;
    if (open && ours && row.epoch == owner.epoch) open_.insert(row.slot);
    if (moving_.contains(row.slot)) return;
    const std::string is = "is " + row.state + " with epoch " + std::to_string(row.epoch);
    if (open && (!ours || row.epoch != owner.epoch)) {
      add(index, row.slot, is + ", and the map gives it to another owner",
          "respring shard fence --reconcile " + site_.names[static_cast<std::size_t>(index)]);
    } else if (open && state != shardmap::SlotState::active) {
      add(index, row.slot, is + " without a move", "respring shard verify --repair");
    } else if (state == shardmap::SlotState::importing) {
      add(index, row.slot, is + " without a move", "respring shard verify --repair");
    } else if (state == shardmap::SlotState::none && has_rooms) {
      add(index, row.slot, "has rooms and is not owned there", "look at them before anything else");
    } else if (state == shardmap::SlotState::gone && !kept_.contains(row.slot)) {
      add(index, row.slot, is + ", and no move will clean it", "respring shard verify --repair");
    }
  }

  Result<void> density(sql::Connection& db, std::int32_t index) {
    constexpr int kRoomsAtOnce = 500;
    const std::string& name = site_.names[static_cast<std::size_t>(index)];
    store::RoomKey after{shardmap::Slot{-1}, RoomId{}};
    while (true) {
      const auto rooms = store::all_rooms(db, after, kRoomsAtOnce);
      if (!rooms) return as_error(name, rooms.error());
      for (const auto& room : rooms.value()) {
        after = room.key;
        if (site_.map.owner_of(room.key.slot).shard != index) continue;
        if (site_.map.slot_of(room.key.room) != room.key.slot) continue;  // left over
        RESPRING_TRYV(dense(db, name, room));
      }
      if (rooms.value().size() < kRoomsAtOnce) return success();
    }
  }

  // Read twice before it counts: somebody may be writing.
  Result<void> dense(sql::Connection& db, const std::string& name, const store::RoomEntry& room) {
    auto faults = faults_of(db, room.key);
    if (faults && !faults.value().empty()) faults = faults_of(db, room.key);
    if (!faults) return as_error(name, faults.error());
    for (const std::string& fault : faults.value()) {
      findings_.push_back({name, std::to_string(room.key.slot.value),
                           "room " + room.key.room.str() + ": " + fault,
                           "restore it from a backup"});
    }
    return success();
  }

  static sql::Result<std::vector<std::string>> faults_of(sql::Connection& db,
                                                         const store::RoomKey& key) {
    RESPRING_TRY(const auto view, sql::Transaction::begin(db, sql::Begin::read));
    RESPRING_TRY(auto row, store::load_room(db, key));
    if (!row) return std::vector<std::string>();
    return store::density_faults(db, {key, std::move(*row)});
  }

  ShardSite& site_;
  bool quick_;
  std::vector<Finding> findings_;
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<shardmap::Slot>> same_;
  std::set<std::int32_t> open_, moving_;
  std::map<std::int32_t, std::string> kept_;
};

/// What is safe whatever happened, and says it; `ok`: go on.
Exit repair(Console& console, ShardSite& site) {
  const auto settled = settle_decided(site);
  if (!settled) return fail_shard(console, settled.error());
  console.note("  carried out: " + std::to_string(settled.value()) +
               " moves that were decided and not finished");
  const auto repaired = repair_slots(site);
  if (!repaired) return fail_shard(console, repaired.error(), "nothing else was repaired");
  std::map<std::pair<std::string, std::string>, std::vector<shardmap::Slot>> same;
  for (const Repaired& one : repaired.value()) same[{one.shard, one.what}].push_back(one.slot);
  for (const auto& [what, slots] : same)
    console.note("  " + what.first + ", slot " + text_of_slots(slots) + " " + what.second);
  return Exit::ok;
}

Exit verify(Console& console, bool quick, bool repairs) {
  RESPRING_TRY(const auto site, open_shard_site(console));
  if (repairs) {
    const Exit repaired = repair(console, *site);
    if (repaired != Exit::ok) return repaired;
  }
  const auto findings = Verification(*site, quick).run();
  if (!findings) return fail_shard(console, findings.error());
  json::Array data;
  Table table{{"shard", "slot", "finding", "repair"}, {}};
  for (const Finding& found : findings.value()) {
    data.push_back(json::Object{{"shard", found.shard},
                                {"slot", found.slot},
                                {"finding", found.what},
                                {"repair", found.repair}});
    table.rows.push_back({found.shard, found.slot, found.what, found.repair});
  }
  const bool none = table.rows.empty();
  console.print(
      json::Object{{"agree", none}, {"findings", std::move(data)}},
      none ? "map and shards agree" + std::string(quick ? "" : ", every room is without a gap")
           : render_table(table));
  return none ? Exit::ok : Exit::findings;
}

}  // namespace

void add_verify_command(Arguments& shard) {
  Arguments& verifying =
      shard.command("verify", {"hold the map, the shards and the rooms against each other",
                               "샤드 맵과 실제 자료가 맞는지 확인합니다"});
  auto quick = std::make_shared<bool>(false);
  auto repairs = std::make_shared<bool>(false);
  verifying.flag("--quick", quick.get(), "without reading every room");
  verifying.flag("--repair", repairs.get(), "put right what can only be one thing, and say so");
  verifying.run([quick, repairs](Console& console) { return verify(console, *quick, *repairs); });
}

}  // namespace respring::cmd
