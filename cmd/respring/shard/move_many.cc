#include "respring/shard/move_many.h"

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <thread>

#include "ops/move/schedule.h"
#include "respring/progress.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

using shardmap::Move;

const std::string& owner_of(const ShardSite& site, shardmap::Slot slot) {
  return site.map.name_of(site.map.owner_of(slot));
}

Exit show_plan(Console& console, ShardSite& site, const std::vector<WantedMove>& wanted) {
  json::Array moves;
  Table table{{"slot", "from", "to", "rows"}, {}};
  for (const WantedMove& one : wanted) {
    const std::string& source = owner_of(site, one.slot);
    Move move;
    move.slot = one.slot;
    move.source = source;
    move.target = one.target;
    move.room = one.room.value_or(RoomId{});
    const auto rows = site.stores->size(move);
    if (!rows) return fail_shard(console, rows.error());
    moves.push_back(json::Object{
        {"slot", one.slot.value}, {"from", source}, {"to", one.target}, {"rows", rows.value()}});
    table.rows.push_back(
        {std::to_string(one.slot.value), source, one.target, with_commas(rows.value())});
  }
  console.print(
      json::Object{
          {"dry_run", true}, {"map_version", site.map.version}, {"moves", std::move(moves)}},
      table);
  console.note("nothing was changed; leave out --dry-run to move");
  return Exit::ok;
}

/// What can be refused before anything begins.
Exit check_targets(Console& console, const ShardSite& site, const std::vector<WantedMove>& wanted) {
  for (const WantedMove& one : wanted) {
    const std::string slot = "slot " + std::to_string(one.slot.value);
    if (std::ranges::find(site.names, one.target) == site.names.end()) {
      return fail_shard(
          console,
          Error{ErrorCode::not_found, "'" + one.target + "' is not among stores.shards", {}, {}},
          "nothing was changed; the shards are: respring shard map");
    }
    const auto owner = site.map.owner_of(one.slot).shard;
    if (owner < 0) {
      return fail_shard(console, Error{ErrorCode::not_found, "there is no " + slot, {}, {}},
                        "nothing was changed; the slots are: respring shard map");
    }
    if (one.room) continue;  // also where it is
    if (site.map.shards[static_cast<std::size_t>(owner)] != one.target) continue;
    return fail_shard(
        console, Error{ErrorCode::conflict, slot + " is on " + one.target + " already", {}, {}},
        "nothing was changed");
  }
  return Exit::ok;
}

/// Every slot has its row on every shard, also where no server has run yet.
Result<void> prepare_shards(ShardSite& site) {
  for (std::size_t i = 0; i < site.names.size(); ++i) {
    RESPRING_TRY(auto* shard, site.stores->shard(site.names[i]));
    const auto seeded = store::seed_slots(*shard, site.map, static_cast<std::int32_t>(i));
    if (!seeded) return as_error(site.names[i], seeded.error());
  }
  return success();
}

/// The moves of a job on their threads.
class Movers {
 public:
  Movers(MoveJob& job, const std::vector<WantedMove>& wanted, move::Schedule schedule)
      : job_(job), wanted_(wanted), schedule_(std::move(schedule)) {
    if (job.several) {
      bar_.emplace(job.console, std::cerr, "move", "slots",
                   static_cast<std::int64_t>(wanted.size()));
    }
  }

  Exit run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < schedule_.width(); ++i) threads.emplace_back([this] { work(); });
    work();
    for (auto& thread : threads) thread.join();
    if (bar_) bar_->finish();
    return exit_;
  }
  std::vector<Move>& moved() { return moved_; }

 private:
  void work() {
    while (const auto which = take()) {
      const Moved moved = move_one(job_, wanted_[*which]);
      const std::lock_guard lock(mutex_);
      schedule_.ended(*which);
      if (moved.move) moved_.push_back(*moved.move);
      if (exit_ == Exit::ok) exit_ = moved.exit;
      if (bar_) {
        job_.say([this](Console&) {
          bar_->update(static_cast<std::int64_t>(moved_.size()));
          return Exit::ok;
        });
      }
      ended_.notify_all();
    }
  }
  std::optional<std::size_t> take() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (exit_ != Exit::ok || job_.interrupt.requested() || schedule_.all_begun()) return {};
      if (const auto which = schedule_.next()) return which;
      ended_.wait(lock);
    }
  }

  MoveJob& job_;
  const std::vector<WantedMove>& wanted_;
  move::Schedule schedule_;
  std::optional<Progress> bar_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<Move> moved_;
  Exit exit_ = Exit::ok;
};

}  // namespace

Exit move_slots(Console& console, ShardSite& site, const std::vector<WantedMove>& wanted,
                const MoveArguments& given) {
  const Exit checked = check_targets(console, site, wanted);
  if (checked != Exit::ok) return checked;
  if (given.dry_run) return show_plan(console, site, wanted);
  const auto prepared = prepare_shards(site);
  if (!prepared) return fail_shard(console, prepared.error(), "nothing was changed");
  std::vector<move::Scheduled> moves;
  for (const auto& one : wanted) moves.push_back({one.slot, owner_of(site, one.slot), one.target});
  move::Schedule schedule(std::move(moves), static_cast<int>(given.per_shard));
  MoveJob job{console, site, given, schedule.width() > 1};
  Movers movers(job, wanted, std::move(schedule));
  Exit exit = movers.run();
  json::Array done;
  for (const Move& move : movers.moved()) done.push_back(move_json(move));
  const std::size_t count = done.size();
  if (exit == Exit::ok && count < wanted.size()) {
    exit = console.fail(Exit::interrupted, "move.interrupted", "interrupted between two moves",
                        "no move is under way; give the command again for the rest");
  }
  if (exit == Exit::ok || count > 0) {
    console.print(json::Object{{"moved", std::move(done)}},
                  std::to_string(count) + " of " + std::to_string(wanted.size()) + " moved");
  }
  if (exit == Exit::refused && count > 0) return Exit::partly;
  return exit;
}

}  // namespace respring::cmd
