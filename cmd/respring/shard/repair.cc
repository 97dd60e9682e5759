#include "respring/shard/repair.h"

#include <set>

#include "respring/migrate/fleet_lease.h"
#include "store/inspect.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

using shardmap::Move;
using shardmap::MoveState;
using shardmap::Slot;
using shardmap::SlotState;

constexpr int kRowsAtOnce = 500;

class Repair {
 public:
  explicit Repair(ShardSite& site) : site_(site) {}

  Result<std::vector<Repaired>> run() {
    RESPRING_TRYV(open_moves());
    for (std::size_t i = 0; i < site_.names.size(); ++i) {
      RESPRING_TRY(auto* db, site_.stores->shard(site_.names[i]));
      const auto rows = store::slot_rows(*db);
      if (!rows) return as_error(site_.names[i], rows.error());
      for (const auto& row : rows.value()) {
        const bool at_rest = row.state == "ACTIVE" || row.state == "NONE";
        if (at_rest || moving_.contains(row.slot)) continue;
        RESPRING_TRYV(mend(*db, static_cast<std::int32_t>(i), Slot{row.slot}));
      }
    }
    return std::move(done_);
  }

 private:
  Result<void> open_moves() {
    const auto moves = store::list_moves(site_.meta(), std::nullopt, true, 10'000);
    if (!moves) return as_error("meta", moves.error());
    for (const Move& move : moves.value()) {
      moving_.insert({move.slot.value,
                      move.target_slot().value});  // also those whose old rows are kept for a while
    }
    return success();
  }

  Result<void> mend(sql::Connection& db, std::int32_t shard, Slot slot) {
    const std::string& name = site_.names[static_cast<std::size_t>(shard)];
    const auto row = store::load_owner(db, slot);
    if (!row) return as_error(name, row.error());
    if (!row.value()) return success();
    const auto& owner = site_.map.owner_of(slot);
    const auto state = row.value()->state;
    const bool held = state == SlotState::moving || state == SlotState::frozen;
    Move nobodys;  // what the row believes in
    nobodys.slot = slot;
    nobodys.id = row.value()->move_id;
    nobodys.gen = row.value()->gen;
    if (held && owner.shard == shard && row.value()->epoch == owner.epoch) {
      const auto opened = store::restore_slot(db, nobodys);
      if (!opened) return as_error(name, opened.error());
      done_.push_back({name, slot, "was held for no move: opened"});
    } else if (state == SlotState::importing && owner.shard != shard) {
      const auto wipe = [&] { return store::wipe_slot(db, nobodys, kRowsAtOnce); };
      return remove(name, slot, "held a copy of no move: deleted", wipe);
    } else if (state == SlotState::gone && owner.shard >= 0 && owner.shard != shard) {
      RESPRING_TRY(const bool open, owner_is_open(slot));
      if (!open) return success();
      const auto clean = [&] { return store::clean_slot(db, nobodys, kRowsAtOnce); };
      return remove(name, slot, "held old rows that no move would clean: deleted", clean);
    }
    return success();
  }

  template <class Some>
  Result<void> remove(const std::string& name, Slot slot, std::string what, Some some) {
    for (bool finished = false; !finished;) {
      const auto deleted = some();
      if (!deleted) return as_error(name, deleted.error());
      finished = deleted.value();
    }
    done_.push_back({name, slot, std::move(what)});
    return success();
  }

  Result<bool> owner_is_open(Slot slot) {
    const auto& owner = site_.map.owner_of(slot);
    const std::string& name = site_.map.name_of(owner);
    RESPRING_TRY(auto* db, site_.stores->shard(name));
    const auto row = store::load_owner(*db, slot);
    if (!row) return as_error(name, row.error());
    return row.value() && row.value()->state == SlotState::active &&
           row.value()->epoch == owner.epoch;
  }

  ShardSite& site_;
  std::set<std::int32_t> moving_;
  std::vector<Repaired> done_;
};

}  // namespace

Result<std::size_t> settle_decided(ShardSite& site) {
  std::size_t done = 0;
  const auto all = store::list_moves(site.meta(), std::nullopt, true, 10'000);
  if (!all) return as_error("meta", all.error());
  for (const Move& move : all.value()) {
    if (move.settled || move.state == MoveState::run) continue;
    RESPRING_TRYV(site.stores->settle(move));
    ++done;
  }
  return done;
}

Result<std::vector<Repaired>> repair_slots(ShardSite& site) {
  FleetLease lease(*site.site);
  RESPRING_TRYV(lease.take());
  return Repair(site).run();
}

}  // namespace respring::cmd
