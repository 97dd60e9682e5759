#include "respring/shard/move_run.h"

#include <iostream>
#include <thread>

#include "respring/progress.h"
#include "store/move_records.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

using shardmap::Move;
using shardmap::MoveState;

/// A move's line on the terminal: the bar while it copies, a sentence when it waits for something
/// else than before.
class MoveLine {
 public:
  MoveLine(MoveJob& job, const Move& move, std::int64_t total)
      : job_(job), name_(job.several ? "slot " + std::to_string(move.slot.value) + " " : "") {
    if (!job.several) bar_.emplace(job.console, std::cerr, "copy", "rows", total);
  }

  void show(const move::Progress& now) {
    if (now.stage == move::Stage::copy && bar_) bar_->update(now.rows);
    if (now.waits_for.empty() || now.waits_for == said_) return;
    said_ = now.waits_for;
    job_.note("  " + name_ + "waits: " + said_);
  }
  void finish() {
    if (bar_) bar_->finish();
  }

 private:
  MoveJob& job_;
  std::string name_;
  std::optional<Progress> bar_;
  std::string said_;
};

move::Mover::Options options_for(const ShardSite& site, const Interrupt& interrupt) {
  move::Mover::Options options;
  options.now = [&site] { return site.clock.now(); };
  options.pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  options.stopping = [&interrupt] { return interrupt.requested(); };
  return options;
}

std::string label_of(const Move& move) {
  const std::string room = move.isolates() ? "  room " + move.room.str() : "";
  return "move " + move.id + room + "  slot " + text_of_moved(move) + "  " + move.source + " → " +
         move.target;
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
Result<move::Outcome> run_once(MoveJob& job, MoveStores& stores, const Move& move) {
  const auto size = stores.size(move);
  MoveLine line(job, move, size ? size.value() : 0);
  auto options = options_for(job.site, job.interrupt);
  options.on_progress = [&](const move::Progress& now) { line.show(now); };
  move::Mover mover(stores, std::move(options));
  auto outcome = mover.run(move);
  line.finish();
  return outcome;
}

void tell_moved(MoveJob& job, const Move& move) {
  const std::int64_t gc_delay_seconds = job.given.gc_delay_seconds;
  const std::string what = move.isolates()
                               ? "isolated: room " + move.room.str() + ", slot " +
                                     std::to_string(move.own.value) + " on " + move.target
                               : "moved: slot " + std::to_string(move.slot.value);
  job.note(what + ", " + with_commas(move.rows) + " rows verified, writes paused " +
           text_of_pause(move.paused_us));
  if (gc_delay_seconds > 0 && !job.several) {
    job.note("  the old rows on " + move.source + " stay for " + std::to_string(gc_delay_seconds) +
             " s (respring shard gc drops them then, or now with --slot " +
             std::to_string(move.slot.value) + ")");
    job.note("  undo: respring shard reverse " + move.id);
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
Result<void> settle_earlier(MoveStores& stores, shardmap::Slot slot) {
  RESPRING_TRY(auto* meta, stores.meta());
  const auto moves = store::list_moves(*meta, slot, true, 10);
  if (!moves) return as_error("meta", moves.error());
  for (const Move& move : moves.value()) {
    if (move.settled || move.state == MoveState::run) continue;
    RESPRING_TRYV(stores.settle(move));
  }
  return success();
}

/// A lag can be waited for only where a replica is known, and one that is known must answer.
Result<void> check_replica(MoveJob& job, MoveStores& stores, const Move& planned) {
  RESPRING_TRY(const auto* replica, stores.replica(planned.target));
  if (replica != nullptr) {
    RESPRING_TRYV(stores.position(planned));
    return success();
  }
  if (job.given.pace.most_lag_ms == 0) return success();
  return Error{ErrorCode::conflict,
               planned.target +
                   " has no replica that is known: name one in stores.shards[].replica, or leave "
                   "out --max-lag",
               {},
               {}};
}

Result<Move> begin(MoveJob& job, MoveStores& stores, const WantedMove& wanted) {
  RESPRING_TRYV(settle_earlier(stores, wanted.slot));
  const auto& map = job.site.map;
  Move planned;
  planned.slot = wanted.slot;
  planned.source = map.name_of(map.owner_of(wanted.slot));
  planned.target = wanted.target;
  planned.room = wanted.room.value_or(RoomId{});
  RESPRING_TRYV(stores.check(planned));
  RESPRING_TRYV(check_replica(job, stores, planned));
  RESPRING_TRYV(stores.fits(planned));
  RESPRING_TRY(auto* meta, stores.meta());
  const store::NewMove fresh{
      new_move_id(),  wanted.slot, wanted.target, job.site.clock.now(), std::chrono::seconds(15),
      job.given.pace, wanted.room};
  auto begun = store::begin_move(*meta, fresh);
  if (begun) return std::move(begun).value();
  const auto* failure = begun.error().failure();
  return failure != nullptr ? as_error("meta", *failure) : begun.error().error();
}

Exit clean_one(MoveJob& job, MoveStores& stores, const Move& move) {
  move::Mover mover(stores, options_for(job.site, job.interrupt));
  const auto cleaned = mover.clean(move);
  if (cleaned) return Exit::ok;
  return job.say([&](Console& console) {
    return console.fail(Exit::partly, "move.unfinished",
                        "the old rows of slot " + std::to_string(move.slot.value) + " on " +
                            move.source + " are not all deleted: " + cleaned.error().detail,
                        "go on: respring shard gc");
  });
}

}  // namespace

void MoveJob::note(const std::string& line) {
  const std::lock_guard lock(talking);
  console.note(line);
}

Moved move_one(MoveJob& job, const WantedMove& wanted) {
  for (std::int64_t attempt = 1; true; ++attempt) {
    const auto stores = job.site.make_stores();
    const auto begun = begin(job, *stores, wanted);
    if (!begun) {
      return {job.say([&](Console& console) {
                return fail_shard(console, begun.error(), "nothing was changed");
              }),
              {}};
    }
    const Move& move = begun.value();
    job.note(label_of(move));
    const auto outcome = run_once(job, *stores, move);
    if (!outcome) {
      return {job.say([&](Console& console) { return unfinished(console, move, outcome.error()); }),
              {}};
    }
    if (outcome.value().ending == move::Ending::moved) {
      const Move& moved = outcome.value().move;
      tell_moved(job, moved);
      return {job.given.gc_delay_seconds > 0 ? Exit::ok : clean_one(job, *stores, moved), moved};
    }
    const bool again = outcome.value().move.cause == shardmap::AbortCause::pause;
    if (!again || attempt >= job.given.attempts) {
      return {job.say([&](Console& console) { return ended(console, outcome.value()); }), {}};
    }
    job.note("  taken back: " + outcome.value().why + "; trying again");
  }
}

Exit resume_move(Console& console, ShardSite& site, const Move& move, const MoveArguments& given) {
  if (move.state != MoveState::run) {
    const auto settled = site.stores->settle(move);
    if (!settled) return unfinished(console, move, settled.error());
    console.print(
        json::Object{{"moved", json::Array{move_json(move)}}},
        label_of(move) + ": " + std::string(shardmap::name_of(move.state)) + ", both shards know");
    if (!move.isolates() || move.state != MoveState::committed) return Exit::ok;
    MoveJob job{console, site, given};
    return clean_one(job, *site.stores, move);
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
  MoveJob job{console, site, given};
  job.note(label_of(move) + "   taken over as generation " + std::to_string(taken.value().gen));
  const auto outcome = run_once(job, *site.stores, taken.value());
  if (!outcome) return unfinished(console, move, outcome.error());
  if (outcome.value().ending != move::Ending::moved) return ended(console, outcome.value());
  tell_moved(job, outcome.value().move);
  console.print(json::Object{{"moved", json::Array{move_json(outcome.value().move)}}}, "1 moved");
  return move.isolates() ? clean_one(job, *site.stores, outcome.value().move) : Exit::ok;
}

Exit abort_move(Console& console, ShardSite& site, const Move& move) {
  const Interrupt interrupt;
  move::Mover mover(*site.stores, options_for(site, interrupt));
  const auto aborted = mover.abort(move, shardmap::AbortCause::wish, "aborted by hand");
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
  const MoveArguments given;
  MoveJob job{console, site, given};
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
    const Exit exit = clean_one(job, *site.stores, move);
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
