#include "ops/doctor/findings.h"

#include <algorithm>
#include <cstdlib>

#include "ops/doctor/surroundings.h"

namespace respring::doctor {
namespace {

using enum Rank;

constexpr std::int64_t kMib = 1024 * 1024;
constexpr std::int64_t kLittleSpace = 1024 * kMib;
constexpr std::int64_t kNoSpace = 100 * kMib;
constexpr std::chrono::seconds kOldOutbox{60};
constexpr std::int64_t kFarBehind = 1000;
constexpr std::chrono::seconds kClockSlack{5};
/// A mover renews its lease four times a second; one that has not for so long is gone.
constexpr std::chrono::seconds kLeftMove{5};

std::string seconds(std::chrono::milliseconds time) {
  return std::to_string(time.count() / 1000) + " s";
}

void look_at(const DirectoryFacts& d, Findings& out) {
  if (!d.exists) {
    out.push_back({high, "data.missing", "there is no data directory", d.path,
                   "respring serve makes it; or choose another: --set data_dir=DIR"});
    return;
  }
  if (!d.writable) {
    out.push_back({high, "data.not_writable", "this user may not write to the data directory",
                   d.path, "run as its owner, or: chown -R USER " + d.path});
  }
  if (d.others_may_read) {
    out.push_back({medium, "data.readable_by_others", "other users may read the data directory",
                   d.path, "chmod 700 " + d.path});
  }
  if (d.free_bytes < kLittleSpace) {
    out.push_back({d.free_bytes < kNoSpace ? high : medium, "data.space",
                   "the disk of the data directory is nearly full",
                   mib(d.free_bytes) + " of " + mib(d.total_bytes) + " are free",
                   "free space; sends are refused once there is none"});
  }
}

/// Most sentences say where by themselves.
std::string at_place(const std::string& where, const std::string& why) {
  return why.find(where) == std::string::npos ? where + ": " + why : why;
}

/// The setting that says where a database is.
std::string setting_of(const std::string& name) {
  const bool named = name == "meta" || name == "user" || name == "room" || name == "notification";
  return named ? "stores." + name : "stores.shards";
}

void look_at_clock(const std::optional<std::int64_t>& ahead, const std::string& whose,
                   Findings& out) {
  if (!ahead) return;
  const std::chrono::milliseconds off(std::abs(*ahead));
  if (off <= kClockSlack) return;
  out.push_back({medium, "clock.differs", "the clocks of this machine and of " + whose + " differ",
                 "that one is " + seconds(off) + (*ahead > 0 ? " ahead" : " behind"),
                 "synchronise both (timedatectl status)"});
}

void look_at_schema(const DatabaseFacts& d, Findings& out) {
  if (d.schema == "behind") {
    out.push_back(
        {high, "schema.behind", d.name + " lacks migrations", d.file,
         d.on_server ? "respring migrate up" : "stop the server, then: respring migrate up"});
  } else if (d.schema == "newer" || d.schema == "changed") {
    const bool newer = d.schema == "newer";
    out.push_back(
        {high, newer ? "schema.newer" : "schema.changed",
         d.name + (newer ? " was migrated by a newer program" : " was migrated with other files"),
         d.file, "use that program, or restore the backup from before the upgrade"});
  } else if (!d.differences.empty()) {
    out.push_back({high, "schema.drift", d.name + " is not as its migrations make it",
                   d.differences.front() + (d.differences.size() > 1 ? ", …" : ""),
                   "respring migrate verify; then undo what was changed by hand"});
  } else if (!d.not_compared.empty()) {
    out.push_back({medium, "schema.not_compared",
                   d.name + " could not be compared with what its migrations make", d.not_compared,
                   d.on_server ? "allow its user to create databases named respring_scratch_…; "
                                 "then: respring migrate verify"
                               : "respring migrate verify"});
  }
}

void look_at(const DatabaseFacts& d, Findings& out) {
  if (!d.exists) {
    if (d.used) {
      out.push_back(
          {high, "database.missing", "the database " + d.name + " is missing", d.file,
           "restore the whole data directory from a backup; on a new one: respring migrate up"});
    }
    return;
  }
  if (d.closed) {
    out.push_back({high, "database.closed", "this user may not open the database " + d.name, d.file,
                   "run it as the owner of the data directory"});
    return;
  }
  if (!d.error.empty() && d.on_server) {
    out.push_back(
        {high, "database.unreachable", "the database " + d.name + " cannot be used",
         at_place(d.file, d.error),
         "start its server, or correct user, password and name: respring config explain " +
             setting_of(d.name)});
    return;
  }
  // What the index holds can be made again.
  const bool index = d.name == "search";
  const Rank rank = index ? medium : high;
  const std::string repair =
      index ? "stop the server, then: respring search reindex --fresh"
            : "stop the server and restore the whole data directory from a backup";
  if (!d.error.empty()) {
    out.push_back({rank, "database.unreadable", "the database " + d.name + " cannot be read",
                   d.error, repair});
    return;
  }
  if (!d.damage.empty()) {
    out.push_back({rank, "database.damaged", "the database " + d.name + " is damaged",
                   d.damage.front(), repair});
  }
  look_at_schema(d, out);
  look_at_clock(d.clock_ms, "the server of " + d.name, out);
}

std::string repair_of(const ServerFacts& s) {
  if (s.name == "search") return "do what it says, or start it; the rest works meanwhile";
  if (s.name == "blobs")
    return "do what it says, or correct it: respring config explain blobs; archived messages "
           "cannot be read until then, the rest works";
  return "start it, or correct its URL: respring config explain " +
         std::string(s.name == "kafka" ? "bus" : "redis.pubsub");
}

/// Topics, groups and what could not be handled.
void look_at(const ServerFacts& s, Findings& out) {
  if (!s.error.empty()) {
    out.push_back({high, "server.unusable", s.name + " cannot be used", at_place(s.where, s.error),
                   repair_of(s)});
    return;
  }
  if (!s.missing.empty()) {
    out.push_back({high, "topics.missing",
                   std::to_string(s.missing.size()) + " topics are missing on " + s.where,
                   s.missing.front() + (s.missing.size() > 1 ? ", …" : ""),
                   "respring events topics apply"});
  }
  for (const std::string& why : s.differing) {
    out.push_back({low, "topics.differ", "a topic is not as this version makes it", why,
                   "nothing, as long as it keeps up: respring events topics plan"});
  }
  if (s.dead_letters > 0) {
    out.push_back({medium, "events.dead",
                   std::to_string(s.dead_letters) + " events could not be handled", s.where,
                   "respring events dlq list; then: respring events dlq retry"});
  }
  look_at_clock(s.clock_ms, s.name, out);
}

void look_at(const ShardFacts& s, const Facts& facts, Findings& out) {
  if (s.slot_fault_count > 0) {
    out.push_back({high, "slots.disagree",
                   s.name + " and the shard map disagree about " +
                       std::to_string(s.slot_fault_count) + " slots",
                   s.slot_faults.empty() ? "" : s.slot_faults.front(),
                   "do the shards of the configuration stand in the order in which they were made? "
                   "respring config explain stores.shards"});
  }
  if (s.log_fault_count > 0) {
    out.push_back({high, "log.not_dense",
                   s.name + ": the logs of " + std::to_string(s.log_fault_count) + " of " +
                       std::to_string(s.rooms_checked) + " rooms have holes",
                   s.log_faults.empty() ? "" : s.log_faults.front(),
                   "keep a copy of the data directory, then restore it from a backup"});
  }
  if (s.outbox_oldest && facts.machine.now - *s.outbox_oldest > kOldOutbox) {
    const bool served = is_served(facts);
    out.push_back({served ? high : low, "outbox.old",
                   s.name + " has " + std::to_string(s.outbox_rows) +
                       " outbox rows older than 60 s" +
                       (served ? ": the relay is not running" : "; no server runs"),
                   "the oldest is " + seconds(facts.machine.now - *s.outbox_oldest) + " old",
                   served ? "see docs/operations.md#relay" : "respring serve"});
  }
  if (s.newest && *s.newest > facts.machine.now + kClockSlack) {
    out.push_back({medium, "clock.behind", "the clock is behind what " + s.name + " has stored",
                   "by " + seconds(*s.newest - facts.machine.now),
                   "synchronise the clock (timedatectl status)"});
  }
}

void look_at_events(const Facts& facts, Findings& out) {
  const bool served = is_served(facts);
  for (const GroupFacts& group : facts.groups) {
    if (group.behind <= (served ? kFarBehind : 0)) continue;
    out.push_back(
        {served ? medium : low, "events.behind",
         group.group + " is " + std::to_string(group.behind) + " events behind",
         served ? "a server runs" : "no server runs",
         served ? "wait, and look for events.follow_failed in the log" : "respring serve"});
  }
}

void look_at(const MoveFacts& move, Time now, Findings& out) {
  if (now - move.lease_until <= kLeftMove) return;
  out.push_back(
      {medium, "move.left",
       "slot " + std::to_string(move.slot) + " is on its way from " + move.source + " to " +
           move.target + " and nobody works on it",
       "move " + move.id + ", stage " + (move.stage.empty() ? "begin" : move.stage) + ", left " +
           seconds(now - move.lease_until) + " ago",
       "respring shard resume " + move.id + "; or take it back: respring shard abort " + move.id});
}

void look_at(const IndexFacts& index, const Facts& facts, Findings& out) {
  bool behind = false;
  for (const GroupFacts& group : facts.groups)
    behind = behind || (group.group == "search-index" && group.behind > 0);
  bool rooms = false;
  for (const ShardFacts& shard : facts.shards) rooms = rooms || shard.rooms > 0;
  const std::string reindex = index.on_engine ? "respring search reindex"
                                              : "stop the server, then: respring search reindex";
  if (!index.exists && rooms) {
    out.push_back(
        {medium, "index.missing", "there is no search index", "nothing is found", reindex});
  }
  if (!index.unfinished.empty()) {
    out.push_back({low, "index.unfinished", "a new search index is unfinished", index.unfinished,
                   "respring search reindex goes on with it"});
  }
  if (!index.outdated.empty()) {
    out.push_back({low, "index.outdated",
                   std::to_string(index.outdated.size()) + " old search indices are kept no longer",
                   index.outdated.front(), "respring search prune"});
  }
  if (index.exists && index.differences > 0 && !behind) {
    out.push_back({medium, "index.differs",
                   "the search index differs from the room logs in " +
                       std::to_string(index.differences) + " places",
                   index.first_difference,
                   "respring search verify; repair: respring search reindex"});
  }
}

}  // namespace

std::string_view name_of(Rank rank) {
  switch (rank) {
    case high:
      return "high";
    case medium:
      return "medium";
    case low:
      return "low";
  }
  return {};
}

std::vector<Finding> findings_of(const Facts& facts) {
  Findings out;
  look_at(facts.directory, out);
  if (facts.directory.exists) {
    for (const DatabaseFacts& database : facts.databases) look_at(database, out);
    for (const ServerFacts& server : facts.servers) look_at(server, out);
    for (const ShardFacts& shard : facts.shards) look_at(shard, facts, out);
    for (const MoveFacts& move : facts.moves) look_at(move, facts.machine.now, out);
    look_at_events(facts, out);
    look_at(facts.index, facts, out);
  }
  look_at(facts.machine, out);
  look_at(facts.config, out);
  for (const std::string& blind : facts.blind) {
    out.push_back({medium, "doctor.blind", "something could not be looked at", blind,
                   "run it as the owner of the data directory"});
  }
  std::ranges::stable_sort(out, {}, &Finding::rank);
  return out;
}

}  // namespace respring::doctor
