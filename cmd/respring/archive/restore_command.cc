#include <iostream>
#include <limits>

#include "respring/archive/archive_site.h"
#include "respring/archive/commands.h"
#include "respring/confirm.h"
#include "respring/interrupt.h"
#include "respring/progress.h"
#include "store/archive.h"
#include "store/archive_access.h"

namespace respring::cmd {
namespace {

struct RestoreArguments {
  std::string room;
  bool all = false;
  bool dry_run = false;
  std::int64_t from = 1;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  Consent consent;
};

struct Restored {
  std::int64_t segments = 0;
  std::int64_t events = 0;
  std::int64_t left = 0;
};

/// Puts the segments back that are meant, one after the other.
class Restoring {
 public:
  Restoring(ArchiveSite& site, const RestoreArguments& given, std::optional<RoomId> room)
      : site_(site), given_(given), room_(room) {}

  Result<void> shard(const std::string& name, const std::function<void(const Restored&)>& on_one) {
    RESPRING_TRY(auto* db, site_.shards->stores->shard(name));
    store::RoomKey at{shardmap::Slot{-1}, RoomId{}};
    Seq after = 0;
    while (!interrupt_.requested()) {
      const auto row = store::next_segment(*db, at, after);
      if (!row) return as_error(name, row.error());
      if (!row.value()) break;
      at = row.value()->key;
      after = row.value()->last_seq;
      if (!is_meant(*row.value())) continue;
      RESPRING_TRYV(put_back(name, *db, *row.value()));
      on_one(done_);
    }
    if (given_.dry_run) return success();
    RESPRING_TRYV(store::remove_garbage(*db, *site_.blobs, site_.shards->clock.now()));
    return success();
  }

  const Restored& done() const { return done_; }
  bool stopped() const { return interrupt_.requested(); }

 private:
  bool is_meant(const store::SegmentRow& row) const {
    if (room_ && row.key.room != *room_) return false;
    return row.first_seq <= given_.to && row.last_seq >= given_.from;
  }

  Result<void> put_back(const std::string& name, sql::Connection& db,
                        const store::SegmentRow& row) {
    auto outcome = store::Archiving::done;
    if (!given_.dry_run) {
      RESPRING_TRY(const auto segment, store::read_segment(*site_.blobs, row));
      const auto restored = store::restore_segment(db, row, segment, site_.shards->clock.now());
      if (!restored) return as_error(name, restored.error());
      outcome = restored.value();
    }
    if (outcome == store::Archiving::done) {
      ++done_.segments;
      done_.events += row.events();
    } else if (outcome == store::Archiving::moving) {
      ++done_.left;
    }
    return success();
  }

  ArchiveSite& site_;
  const RestoreArguments& given_;
  std::optional<RoomId> room_;
  Interrupt interrupt_;
  Restored done_;
};

Exit say(Console& console, const RestoreArguments& given, const Restoring& restoring) {
  const auto& [segments, events, left] = restoring.done();
  const std::string what = given.dry_run ? "would put back " : "put back ";
  console.print(json::Object{{"dry_run", given.dry_run},
                             {"finished", !restoring.stopped()},
                             {"segments", segments},
                             {"events", events},
                             {"left", left}},
                what + with_commas(events) + " events in " + with_commas(segments) + " segments");
  if (restoring.stopped()) {
    console.note("  stopped between two segments; go on with the same command");
    return Exit::partly;
  }
  if (left == 0) return Exit::ok;
  console.note("  " + with_commas(left) +
               " segments stayed, because their slots are being moved; try again afterwards");
  return Exit::partly;
}

Exit restore(Console& console, const RestoreArguments& given) {
  const auto room = RoomId::parse(given.room);
  if (!given.room.empty() && !room)
    return console.fail(Exit::usage, "usage", "'" + given.room + "' is no room id");
  if (room.has_value() == given.all)
    return console.fail(Exit::usage, "usage", "say which room, or --all");
  if (given.from < 1 || given.to < given.from)
    return console.fail(Exit::usage, "usage",
                        "--from and --to are seqs, the first not above the last");
  RESPRING_TRY(const auto site, open_archive_site(console));
  if (!given.dry_run) {
    const std::string which = room ? "of room " + given.room : "of all rooms";
    const Exit asked = ask(console, std::cin, given.consent,
                           "put archived events " + which + " back into the databases?");
    if (asked != Exit::ok) return asked;
  }
  Restoring restoring(*site, given, room);
  Progress bar(console, std::cerr, "restore", "segments", 0);
  for (const auto& name : site->shards->names) {
    const auto done =
        restoring.shard(name, [&](const Restored& so_far) { bar.update(so_far.segments); });
    if (!done) {
      bar.finish();
      return fail_archive(console, done.error(),
                          "what was put back stays; the same command goes on with the rest");
    }
  }
  bar.finish();
  return say(console, given, restoring);
}

}  // namespace

void add_archive_restore(Arguments& archive) {
  Arguments& restoring = archive.command(
      "restore", {"put archived events back into the databases", "보관된 메시지를 되돌립니다"});
  auto given = std::make_shared<RestoreArguments>();
  restoring.argument("ROOM", &given->room, "a room id", false);
  restoring.flag("--all", &given->all, "all rooms");
  restoring.option("--from", &given->from, "SEQ", "segments with events from there on");
  restoring.option("--to", &given->to, "SEQ", "segments with events up to there");
  restoring.flag("--dry-run", &given->dry_run, "only say what would come back");
  restoring.flag("--yes", &given->consent.yes, "do not ask");
  restoring.example("respring archive restore 241970126266466304 --dry-run");
  restoring.run([given](Console& console) { return restore(console, *given); });
}

}  // namespace respring::cmd
