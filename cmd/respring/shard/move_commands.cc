#include "respring/shard/commands.h"
#include "respring/shard/move_many.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

using shardmap::Move;

struct MoveOptions : MoveArguments {
  std::string slots;
  std::string target;
};

/// The one move whose id begins so.
Result<Move, Exit> one_move(Console& console, ShardSite& site, const std::string& prefix) {
  auto moves = store::find_moves(site.meta(), prefix);
  if (!moves) return fail_shard(console, "meta", moves.error());
  if (prefix.empty() || moves.value().empty()) {
    return fail_shard(console, not_found("there is no move '" + prefix + "'"),
                      "the moves are: respring shard status --all");
  }
  if (moves.value().size() > 1 && moves.value().front().id != prefix) {
    return fail_shard(console, invalid("several moves begin with '" + prefix + "'"),
                      "write more of the id");
  }
  return std::move(moves.value().front());
}

Exit check_pace(Console& console, const shardmap::Pace& pace) {
  if (pace.bytes_per_second >= 0 && pace.most_threads >= 0 && pace.most_lag_ms >= 0)
    return Exit::ok;
  return console.fail(Exit::usage, "usage", "bytes, threads and lag are not negative");
}

using OneMove = std::function<Exit(Console&, ShardSite&, const Move&)>;

/// A command about one move.
void add_about_move(Arguments& shard, std::string name, Phrase summary, OneMove body) {
  Arguments& command = shard.command(std::move(name), summary);
  auto id = std::make_shared<std::string>();
  command.argument("MOVE", id.get(), "its id, or how the id begins");
  command.run([id, body = std::move(body)](Console& console) -> Exit {
    RESPRING_TRY(const auto site, open_shard_site(console));
    RESPRING_TRY(const auto move, one_move(console, *site, *id));
    return body(console, *site, move);
  });
}

Exit move_some(Console& console, const MoveOptions& given) {
  const auto slots = parse_slots(given.slots);
  if (!slots) return fail_shard(console, slots.error());
  const Exit checked = check_arguments(console, given);
  if (checked != Exit::ok) return checked;
  RESPRING_TRY(const auto site,
               open_shard_site(console, std::chrono::seconds(given.gc_delay_seconds)));
  std::vector<WantedMove> wanted;
  for (const auto slot : slots.value()) wanted.push_back({slot, given.target});
  return move_slots(console, *site, wanted, given);
}

Exit pause_move(Console& console, ShardSite& site, const Move& move) {
  const auto wished = store::wish_move(site.meta(), move.id, shardmap::MoveWish::pause);
  if (!wished) return fail_shard(console, "meta", wished.error());
  if (!wished.value()) {
    return fail_shard(console, {ErrorCode::conflict, "move " + move.id + " does not run", {}, {}});
  }
  console.print(json::Object{{"paused", move.id}}, "paused: writes go on at " + move.source);
  console.note("  next: respring shard resume " + move.id);
  return Exit::ok;
}

Exit throttle(Console& console, ShardSite& site, const Move& move, const shardmap::Pace& pace) {
  const auto throttled = store::pace_move(site.meta(), move.id, pace);
  if (!throttled) return fail_shard(console, "meta", throttled.error());
  if (!throttled.value()) {
    return fail_shard(console, {ErrorCode::conflict, "move " + move.id + " does not run", {}, {}});
  }
  std::string human = pace.bytes_per_second == 0
                          ? "as many bytes as it can"
                          : std::to_string(pace.bytes_per_second) + " bytes/s";
  if (pace.most_threads > 0)
    human += ", waits while more than " + std::to_string(pace.most_threads) + " threads run";
  if (pace.most_lag_ms > 0)
    human +=
        ", waits while the replica is more than " + std::to_string(pace.most_lag_ms) + " ms behind";
  console.print(json::Object{{"throttled", move.id},
                             {"bytes_per_second", pace.bytes_per_second},
                             {"most_threads", pace.most_threads},
                             {"most_lag_ms", pace.most_lag_ms}},
                human);
  return Exit::ok;
}

Exit reverse(Console& console, ShardSite& site, const Move& move) {
  if (move.state != shardmap::MoveState::committed && move.state != shardmap::MoveState::done) {
    return fail_shard(console,
                      {ErrorCode::conflict, "move " + move.id + " has not moved anything", {}, {}},
                      "take a running one back: respring shard abort " + move.id);
  }
  if (move.isolates()) {
    const std::string own = std::to_string(move.own.value);
    return fail_shard(console,
                      {ErrorCode::conflict,
                       "room " + move.room.str() + " keeps slot " + own + " of its own",
                       {},
                       {}},
                      "move it: respring shard move --slot " + own + " --to " + move.source);
  }
  return move_slots(console, site, {{move.slot, move.source}}, {});
}

void add_move(Arguments& shard) {
  Arguments& moving = shard.command(
      "move", {"move slots to another shard while they are used", "슬롯을 다른 샤드로 옮깁니다"});
  auto given = std::make_shared<MoveOptions>();
  moving.option("--slot,--slots", &given->slots, "SLOTS", "7, 1-20 or 1-20,33");
  moving.option("--to", &given->target, "SHARD", "where they go");
  add_move_options(moving, *given);
  moving.flag("--dry-run", &given->dry_run, "only say what would be moved");
  moving.example("respring shard move --slot 812 --to shard-3");
  moving.run([given](Console& console) { return move_some(console, *given); });
}

void add_resume(Arguments& shard) {
  Arguments& resuming = shard.command(
      "resume", {"go on with a move that was paused or whose mover died", "이동을 이어서 합니다"});
  auto id = std::make_shared<std::string>();
  auto given = std::make_shared<MoveArguments>();
  resuming.argument("MOVE", id.get(), "its id, or how the id begins");
  resuming.flag("--take-over", &given->take_over, "also from a mover that seems to be alive");
  resuming.run([id, given](Console& console) -> Exit {
    RESPRING_TRY(const auto site, open_shard_site(console));
    RESPRING_TRY(const auto move, one_move(console, *site, *id));
    return resume_move(console, *site, move, *given);
  });
}

void add_throttle(Arguments& shard) {
  Arguments& throttling =
      shard.command("throttle", {"how fast a move copies", "복사 속도를 바꿉니다"});
  auto id = std::make_shared<std::string>();
  auto pace = std::make_shared<shardmap::Pace>();
  throttling.argument("MOVE", id.get(), "its id, or how the id begins");
  throttling.option("--bytes", &pace->bytes_per_second, "BYTES",
                    "per second; 0: as fast as it goes");
  throttling.option("--max-threads", &pace->most_threads, "N",
                    "wait while more run at source or target; 0: whatever runs");
  throttling.option("--max-lag", &pace->most_lag_ms, "MS",
                    "wait while the target's replica is more behind; 0: however far");
  throttling.run([id, pace](Console& console) -> Exit {
    const Exit checked = check_pace(console, *pace);
    if (checked != Exit::ok) return checked;
    RESPRING_TRY(const auto site, open_shard_site(console));
    RESPRING_TRY(const auto move, one_move(console, *site, *id));
    return throttle(console, *site, move, *pace);
  });
}

void add_gc(Arguments& shard) {
  Arguments& cleaning = shard.command(
      "gc", {"delete the rows that moved slots left behind", "옮긴 슬롯의 옛 자료를 지웁니다"});
  auto slots = std::make_shared<std::string>();
  cleaning.option("--slot", slots.get(), "SLOT", "of this slot, even before its time");
  cleaning.run([slots](Console& console) -> Exit {
    std::optional<shardmap::Slot> slot;
    if (!slots->empty()) {
      const auto parsed = parse_slots(*slots);
      if (!parsed) return fail_shard(console, parsed.error());
      slot = parsed.value().front();
    }
    RESPRING_TRY(const auto site, open_shard_site(console));
    return clean_moves(console, *site, slot);
  });
}

}  // namespace

void add_pace_options(Arguments& command, shardmap::Pace& pace) {
  command.option("--throttle", &pace.bytes_per_second, "BYTES", "most to copy per second");
  command.option("--max-threads", &pace.most_threads, "N",
                 "the copy waits while more run at source or target");
  command.option("--max-lag", &pace.most_lag_ms, "MS",
                 "the copy waits while the target's replica is more behind");
}

void add_move_options(Arguments& command, MoveArguments& given) {
  add_pace_options(command, given.pace);
  command.option("--per-shard", &given.per_shard, "N",
                 "moves that a shard takes part in at a time (1)");
  command.option("--attempts", &given.attempts, "N",
                 "how often a slot is tried when its writes would wait too long (3)");
  command.option("--gc-delay", &given.gc_delay_seconds, "SECONDS",
                 "how long the old rows are kept (600)");
}

Exit check_arguments(Console& console, const MoveArguments& given) {
  if (given.gc_delay_seconds < 0)
    return console.fail(Exit::usage, "usage", "--gc-delay is not negative");
  if (given.per_shard < 1 || given.per_shard > 8)
    return console.fail(Exit::usage, "usage", "--per-shard is 1 to 8");
  return check_pace(console, given.pace);
}

void add_move_commands(Arguments& shard) {
  add_move(shard);
  add_resume(shard);
  add_about_move(shard, "pause", {"hold a move; writes go on", "이동을 잠시 멈춥니다"},
                 &pause_move);
  add_throttle(shard);
  add_about_move(shard, "abort", {"take a running move back", "이동을 취소합니다"}, &abort_move);
  add_about_move(shard, "reverse", {"move a slot back to where it was", "옮긴 슬롯을 되돌립니다"},
                 &reverse);
  add_gc(shard);
}

}  // namespace respring::cmd
