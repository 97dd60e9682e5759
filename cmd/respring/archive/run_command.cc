#include <iostream>

#include "config/values.h"
#include "respring/archive/archive_shards.h"
#include "respring/archive/archive_site.h"
#include "respring/archive/commands.h"
#include "respring/confirm.h"
#include "respring/interrupt.h"
#include "respring/progress.h"
#include "store/migrations.h"

namespace respring::cmd {
namespace {

struct RunArguments {
  std::string older_than = "365d";
  std::string shard;
  std::string room;
  std::int64_t events = 1000;
  std::int64_t keep = 200;
  bool dry_run = false;
  Consent consent;
};

struct ShardReport {
  std::string shard;
  archive::Report report;
  std::vector<std::string> damaged;
};

/// All shards' together, and each one's.
class Run {
 public:
  Run(Console& console, ArchiveSite& site, const RunArguments& given, store::ArchiveLimits limits,
      std::optional<RoomId> room)
      : console_(console), site_(site), given_(given), limits_(limits), room_(room) {}

  Result<void> shard(const std::string& name) {
    RESPRING_TRY(auto* db, site_.shards->stores->shard(name));
    const auto rooms = store::count_rooms(*db);
    if (!rooms) return as_error(name, rooms.error());
    ArchiveShard shard(*site_.shards, name, *db, limits_, room_);
    Progress bar(console_, std::cerr, name, "rooms", rooms.value());
    archive::Hooks hooks;
    hooks.stopping = [this] { return interrupt_.requested(); };
    hooks.on_progress = [&](const archive::Report&) { bar.update(shard.rooms_done()); };
    auto report = archive::run(shard, *site_.blobs, given_.dry_run, hooks);
    bar.finish();
    if (!report) return report.error();
    all_.push_back({name, report.value(), shard.damaged()});
    return success();
  }

  bool stopped() const { return interrupt_.requested(); }
  Exit say() const;

 private:
  Console& console_;
  ArchiveSite& site_;
  const RunArguments& given_;
  store::ArchiveLimits limits_;
  std::optional<RoomId> room_;
  Interrupt interrupt_;
  std::vector<ShardReport> all_;
};

Exit Run::say() const {
  json::Array shards;
  Table table{{"shard", "segments", "events", "size", "left", "removed"}, {}};
  bool whole = true;
  for (const auto& [name, report, damaged] : all_) {
    json::Array faults;
    for (const auto& fault : damaged) faults.emplace_back(fault);
    whole = whole && damaged.empty();
    shards.push_back(json::Object{{"shard", name},
                                  {"segments", report.segments},
                                  {"events", report.events},
                                  {"messages", report.messages},
                                  {"bytes", report.bytes},
                                  {"left", report.left},
                                  {"removed_objects", report.removed},
                                  {"damaged", std::move(faults)}});
    table.rows.push_back({name, with_commas(report.segments), with_commas(report.events),
                          text_of_bytes(report.bytes), with_commas(report.left),
                          with_commas(report.removed)});
    for (const auto& fault : damaged) console_.note("  " + name + ": " + fault);
  }
  console_.print(
      json::Object{
          {"dry_run", given_.dry_run}, {"finished", !stopped()}, {"shards", std::move(shards)}},
      table);
  if (stopped()) {
    console_.note("  stopped between two segments; go on with the same command");
    return Exit::partly;
  }
  if (!whole) {
    console_.note("  rooms with a hole were left as they are: respring shard verify");
    return Exit::findings;
  }
  console_.note(given_.dry_run ? "  nothing was changed: that is what would go"
                               : "  next: respring archive verify");
  return Exit::ok;
}

/// The limits that the words mean.
Result<store::ArchiveLimits> limits_of(const RunArguments& given, Time now) {
  const auto age = config::parse_duration(given.older_than);
  if (!age || age.value().count() <= 0)
    return invalid("--older-than " + given.older_than + ": write a time like 365d");
  if (given.events < 1 || given.events > store::kMostSegmentEvents)
    return invalid("--segment-events is a number from 1 to " +
                   std::to_string(store::kMostSegmentEvents));
  if (given.keep < 1 || given.keep > 1'000'000)
    return invalid("--keep is a number from 1 to 1000000");
  store::ArchiveLimits limits;
  limits.older_than = now - age.value();
  limits.events = given.events;
  limits.keep = given.keep;
  return limits;
}

/// A program that does not know archived events would show rooms without their oldest ones.
Result<void> refuse_beside_older_programs(ArchiveSite& site,
                                          const std::vector<std::string>& names) {
  constexpr int kKnowsTheArchive = 4;  // migrations/message
  for (const auto& name : names) {
    RESPRING_TRY(auto* db, site.shards->stores->shard(name));
    const Time since = site.shards->clock.now() - store::kSchemaUserLives;
    const auto older = store::older_schema_users(*db, kKnowsTheArchive, since);
    if (!older) return as_error(name, older.error());
    if (older.value().empty()) continue;
    return Error{ErrorCode::conflict,
                 older.value().front().node + " works with " + name +
                     " and is older than the archive: it would not find what lies there",
                 {},
                 {}};
  }
  return success();
}

Exit run(Console& console, const RunArguments& given) {
  const auto limits = limits_of(given, SystemClock().now());
  if (!limits) return fail_archive(console, limits.error());
  const auto room = RoomId::parse(given.room);
  if (!given.room.empty() && !room)
    return console.fail(Exit::usage, "usage", "'" + given.room + "' is no room id");
  RESPRING_TRY(const auto site, open_archive_site(console));
  const auto names = site->names(given.shard);
  if (!names) return fail_archive(console, names.error());
  const auto allowed = refuse_beside_older_programs(*site, names.value());
  if (!allowed)
    return fail_archive(console, allowed.error(), "update every node first, then try again");
  if (!given.dry_run) {
    const Exit asked = ask(console, std::cin, given.consent,
                           "move events older than " + given.older_than +
                               " out of the databases, to " + site->place() + "?");
    if (asked != Exit::ok) return asked;
  }
  Run all(console, *site, given, limits.value(), room);
  for (const auto& name : names.value()) {
    const auto done = all.shard(name);
    if (!done)
      return fail_archive(console, done.error(),
                          "nothing is half done: the same command goes on where this one stopped");
    if (all.stopped()) break;
  }
  return all.say();
}

}  // namespace

void add_archive_run(Arguments& archive) {
  Arguments& running = archive.command(
      "run", {"move old events to the blob store", "오래된 메시지를 보관소로 옮깁니다"});
  auto given = std::make_shared<RunArguments>();
  running.option("--older-than", &given->older_than, "TIME", "only events from before (365d)");
  running.option("--shard", &given->shard, "SHARD", "that one alone");
  running.option("--room", &given->room, "ROOM", "that one alone");
  running.option("--segment-events", &given->events, "N",
                 "events that go together; fewer stay where they are (1000)");
  running.option("--keep", &given->keep, "N", "a room's newest events that always stay (200)");
  running.flag("--dry-run", &given->dry_run, "only say what would go");
  running.flag("--yes", &given->consent.yes, "do not ask");
  running.example("respring archive run --older-than 365d --dry-run");
  running.example("respring archive run --older-than 365d --yes");
  running.run([given](Console& console) { return run(console, *given); });
}

}  // namespace respring::cmd
