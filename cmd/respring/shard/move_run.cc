#include "respring/shard/move_run.h"

#include <iostream>
#include <thread>

#include "respring/interrupt.h"
#include "respring/progress.h"
#include "store/move_records.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

using shardmap::Move;
using shardmap::MoveState;

/// A move's line on the terminal: the bar while it copies, a sentence when it waits.
class MoveLine {
 public:
  MoveLine(const Console& console, std::int64_t total)
      : progress_(console, std::cerr, "copy", "rows", total) {}

  void show(Console& console, const move::Progress& now) {
    if (now.stage == move::Stage::copy) progress_.update(now.rows);
    if (now.waits_for == said_) return;
    said_ = now.waits_for;
    if (!said_.empty() && !said_.starts_with("throttled")) console.note("  waits: " + said_);
  }
  void finish() { progress_.finish(); }

 private:
  Progress progress_;
  std::string said_;
};

move::Mover::Options options_for(ShardSite& site, const Interrupt& interrupt) {
  move::Mover::Options options;
  options.now = [&site] { return site.clock.now(); };
  options.pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  options.stopping = [&interrupt] { return interrupt.requested(); };
  return options;
}

std::string label_of(const Move& move) {
  return "move " + move.id + "  slot " + std::to_string(move.slot.value) + "  " + move.source +
         " → " + move.target;
}

/// The error of a command that may be repeated: 3, and how to go on.
Exit unfinished(Console& console, const Move& move, const Error& error) {
  const std::string hint =
      "go on: respring shard resume " + move.id + "; take it back: respring shard abort " + move.id;
  if (error.code == ErrorCode::conflict) return fail_shard(console, error, hint);
  const bool away = error.code == ErrorCode::upstream_unavailable;
  return console.fail(away ? Exit::unreachable : Exit::partly, "move.unfinished", error.detail,
                      hint);
}

/// One run of a mover on a move that is RUN and ours.
Result<move::Outcome> run_once(Console& console, ShardSite& site, const Move& move,
                               const Interrupt& interrupt) {
  const auto size = site.stores->size(move);
  MoveLine line(console, size ? size.value() : 0);
  auto options = options_for(site, interrupt);
  options.on_progress = [&](const move::Progress& now) { line.show(console, now); };
  move::Mover mover(*site.stores, std::move(options));
  auto outcome = mover.run(move);
  line.finish();
  return outcome;
}

void tell_moved(Console& console, const Move& move, std::int64_t gc_delay_seconds) {
  console.note("moved: slot " + std::to_string(move.slot.value) + ", " + with_commas(move.rows) +
               " rows verified, writes paused " + text_of_pause(move.paused_us));
  if (gc_delay_seconds > 0) {
    console.note("  the old rows on " + move.source + " stay for " +
                 std::to_string(gc_delay_seconds) +
                 " s (respring shard gc drops them then, or now with --slot " +
                 std::to_string(move.slot.value) + ")");
    console.note("  undo: respring shard reverse " + move.id);
  }
}

Exit ended(Console& console, const move::Outcome& outcome) {
  const Move& move = outcome.move;
  if (outcome.ending == move::Ending::interrupted) {
    return console.fail(Exit::interrupted, "move.interrupted",
                        "move " + move.id + " was interrupted while it was in stage " + move.stage,
                        "go on: respring shard resume " + move.id +
                            "; take it back: respring shard abort " + move.id);
  }
  return console.fail(
      Exit::failed, "move.aborted",
      "slot " + std::to_string(move.slot.value) + " stays on " + move.source + ": " + outcome.why,
      "nothing was changed; try again in a moment");
}

std::string new_move_id() {
  std::string id = new_uuid().str().substr(0, 13);
  std::erase(id, '-');
  return id;
}

/// An earlier move of the slot that nobody has settled would be in the way.
Result<void> settle_earlier(ShardSite& site, shardmap::Slot slot) {
  const auto moves = store::list_moves(site.meta(), slot, true, 10);
  if (!moves) return as_error("meta", moves.error());
  for (const Move& move : moves.value()) {
    if (move.settled || move.state == MoveState::run) continue;
    RESPRING_TRYV(site.stores->settle(move));
  }
  return success();
}

Result<Move> begin(ShardSite& site, const WantedMove& wanted, const MoveArguments& given) {
  RESPRING_TRYV(settle_earlier(site, wanted.slot));
  store::NewMove fresh{
      new_move_id(),         wanted.slot, wanted.target, site.clock.now(), std::chrono::seconds(15),
      given.bytes_per_second};
  auto begun = store::begin_move(site.meta(), fresh);
  if (begun) return std::move(begun).value();
  const auto* failure = begun.error().failure();
  return failure != nullptr ? as_error("meta", *failure) : begun.error().error();
}

Exit clean_one(Console& console, ShardSite& site, const Move& move, const Interrupt& interrupt) {
  move::Mover mover(*site.stores, options_for(site, interrupt));
  const auto cleaned = mover.clean(move);
  if (!cleaned) {
    return console.fail(Exit::partly, "move.unfinished",
                        "the old rows of slot " + std::to_string(move.slot.value) + " on " +
                            move.source + " are not all deleted: " + cleaned.error().detail,
                        "go on: respring shard gc");
  }
  return Exit::ok;
}

struct Moved {
  Exit exit = Exit::ok;
  std::optional<Move> move;
};

Moved move_one(Console& console, ShardSite& site, const WantedMove& wanted,
               const MoveArguments& given, const Interrupt& interrupt) {
  for (std::int64_t attempt = 1; true; ++attempt) {
    const auto begun = begin(site, wanted, given);
    if (!begun) return {fail_shard(console, begun.error(), "nothing was changed"), {}};
    const Move& move = begun.value();
    console.note(label_of(move) + "   map version " + std::to_string(site.map.version));
    const auto outcome = run_once(console, site, move, interrupt);
    if (!outcome) return {unfinished(console, move, outcome.error()), {}};
    if (outcome.value().ending == move::Ending::moved) {
      tell_moved(console, outcome.value().move, given.gc_delay_seconds);
      const Exit cleaned = given.gc_delay_seconds > 0
                               ? Exit::ok
                               : clean_one(console, site, outcome.value().move, interrupt);
      return {cleaned, outcome.value().move};
    }
    const std::string& why = outcome.value().why;
    const bool pause_was_long = why.starts_with("writes ") || why.starts_with("its events");
    if (!pause_was_long || attempt >= given.attempts) return {ended(console, outcome.value()), {}};
    console.note("  taken back: " + outcome.value().why + "; trying again");
  }
}

Exit show_plan(Console& console, ShardSite& site, const std::vector<WantedMove>& wanted) {
  json::Array moves;
  Table table{{"slot", "from", "to", "rows"}, {}};
  for (const WantedMove& one : wanted) {
    const auto& owner = site.map.owner_of(one.slot);
    const std::string source = site.map.shards[static_cast<std::size_t>(owner.shard)];
    Move move;
    move.slot = one.slot;
    move.source = source;
    move.target = one.target;
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

}  // namespace

json::Object move_json(const Move& move) {
  return {{"id", move.id},
          {"slot", move.slot.value},
          {"from", move.source},
          {"to", move.target},
          {"state", std::string(shardmap::name_of(move.state))},
          {"settled", move.settled},
          {"stage", move.stage},
          {"wish", std::string(shardmap::name_of(move.wish))},
          {"generation", move.gen},
          {"rows", move.rows},
          {"bytes_per_second", move.bytes_per_second},
          {"paused_us", move.paused_us},
          {"lease_until", to_rfc3339(move.lease_until)},
          {"created_at", to_rfc3339(move.created_at)},
          {"note", move.note}};
}

Exit move_slots(Console& console, ShardSite& site, const std::vector<WantedMove>& wanted,
                const MoveArguments& given) {
  const Exit checked = check_targets(console, site, wanted);
  if (checked != Exit::ok) return checked;
  if (given.dry_run) return show_plan(console, site, wanted);
  const auto prepared = prepare_shards(site);
  if (!prepared) return fail_shard(console, prepared.error(), "nothing was changed");
  const Interrupt interrupt;
  json::Array done;
  Exit exit = Exit::ok;
  for (const WantedMove& one : wanted) {
    Moved moved = move_one(console, site, one, given, interrupt);
    if (moved.move) done.push_back(move_json(*moved.move));
    exit = moved.exit;
    if (exit != Exit::ok) break;
  }
  const std::size_t count = done.size();
  if (exit == Exit::ok || count > 0) {
    console.print(json::Object{{"moved", std::move(done)}},
                  std::to_string(count) + " of " + std::to_string(wanted.size()) + " moved");
  }
  if (exit == Exit::refused && count > 0) return Exit::partly;
  return exit;
}

Exit resume_move(Console& console, ShardSite& site, const Move& move, const MoveArguments& given) {
  const Interrupt interrupt;
  if (move.state != MoveState::run) {
    const auto settled = site.stores->settle(move);
    if (!settled) return unfinished(console, move, settled.error());
    console.print(
        json::Object{{"moved", json::Array{move_json(move)}}},
        label_of(move) + ": " + std::string(shardmap::name_of(move.state)) + ", both shards know");
    return Exit::ok;
  }
  const auto now = site.clock.now();
  if (move.wish == shardmap::MoveWish::pause && move.lease_until > now && !given.take_over) {
    const auto wished = store::wish_move(site.meta(), move.id, shardmap::MoveWish::run);
    if (!wished) return fail_shard(console, "meta", wished.error());
    console.print(json::Object{{"resumed", move.id}}, "its mover goes on");
    return Exit::ok;
  }
  auto taken =
      store::take_over_move(site.meta(), move.id, now, std::chrono::seconds(15), given.take_over);
  if (!taken) {
    const auto* failure = taken.error().failure();
    return fail_shard(console,
                      failure != nullptr ? as_error("meta", *failure) : taken.error().error());
  }
  console.note(label_of(move) + "   taken over as generation " + std::to_string(taken.value().gen));
  const auto outcome = run_once(console, site, taken.value(), interrupt);
  if (!outcome) return unfinished(console, move, outcome.error());
  if (outcome.value().ending != move::Ending::moved) return ended(console, outcome.value());
  tell_moved(console, outcome.value().move, given.gc_delay_seconds);
  console.print(json::Object{{"moved", json::Array{move_json(outcome.value().move)}}}, "1 moved");
  return Exit::ok;
}

Exit abort_move(Console& console, ShardSite& site, const Move& move) {
  const Interrupt interrupt;
  move::Mover mover(*site.stores, options_for(site, interrupt));
  const auto aborted = mover.abort(move, "aborted by hand");
  if (!aborted && aborted.error().code == ErrorCode::conflict) {
    return fail_shard(console, aborted.error(),
                      "undo a committed one: respring shard reverse " + move.id);
  }
  if (!aborted) return unfinished(console, move, aborted.error());
  console.print(json::Object{{"aborted", move.id}},
                "slot " + std::to_string(move.slot.value) + " stays on " + move.source);
  return Exit::ok;
}

Exit clean_moves(Console& console, ShardSite& site, std::optional<shardmap::Slot> slot) {
  const Interrupt interrupt;
  const auto moves = store::list_moves(site.meta(), slot, true, 10'000);
  if (!moves) return fail_shard(console, "meta", moves.error());
  json::Array cleaned;
  std::size_t later = 0;
  for (const Move& move : moves.value()) {
    if (move.state != MoveState::committed) continue;
    if (!slot && move.clean_at > site.clock.now()) {
      ++later;
      continue;
    }
    const auto settled = site.stores->settle(move);
    if (!settled) return unfinished(console, move, settled.error());
    const Exit exit = clean_one(console, site, move, interrupt);
    if (exit != Exit::ok) return exit;
    cleaned.push_back(move_json(move));
  }
  const std::string human = std::to_string(cleaned.size()) + " slots' old rows deleted" +
                            (later > 0 ? ", " + std::to_string(later) + " are kept for now" : "");
  console.print(
      json::Object{{"cleaned", std::move(cleaned)}, {"kept", static_cast<std::int64_t>(later)}},
      human);
  return Exit::ok;
}

}  // namespace respring::cmd
