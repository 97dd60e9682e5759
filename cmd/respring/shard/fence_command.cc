#include <algorithm>

#include "respring/shard/commands.h"
#include "respring/shard/repair.h"
#include "respring/shard/shard_site.h"
#include "store/restored.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

json::Array slots_json(const std::vector<shardmap::Slot>& slots) {
  json::Array numbers;
  for (const auto slot : slots) numbers.emplace_back(slot.value);
  return numbers;
}

struct ReconcileOptions {
  std::string shard;
  bool dry_run = false;
  bool nothing_lost = false;
};

struct Restarted {
  std::int64_t histories = 0;
  store::Relisted lists;
};

/// Others know later things of the shard's rooms than their rows do.
Result<Restarted> restart(ShardSite& site, sql::Connection& db,
                          const std::vector<shardmap::Slot>& closed,
                          const ReconcileOptions& given) {
  auto open = store::open_slots(db);
  if (!open) return as_error(given.shard, open.error());
  auto slots = std::move(open).value();
  std::erase_if(slots, [&](auto slot) { return std::ranges::find(closed, slot) != closed.end(); });
  const auto restarted = store::restart_histories(db, slots, site.clock.now(), given.dry_run);
  if (!restarted) return as_error(given.shard, restarted.error());
  const Database where{"room", site.site->settings.stores.room, "room"};
  RESPRING_TRY(const auto directory, open_current(site.site->dir, where, given.dry_run));
  RESPRING_TRY(const auto lists, store::relist(db, *directory, site.map, slots, given.dry_run));
  return Restarted{restarted.value(), lists};
}

Exit reconcile(Console& console, const ReconcileOptions& given) {
  if (given.shard.empty()) {
    return console.fail(Exit::usage, "usage", "say which shard: --reconcile SHARD");
  }
  RESPRING_TRY(const auto site, open_shard_site(console));
  const auto found = std::ranges::find(site->names, given.shard);
  if (found == site->names.end())
    return fail_shard(console, not_found("'" + given.shard + "' is not among stores.shards"));
  if (!given.dry_run) {
    const auto settled = settle_decided(*site);
    if (!settled) return fail_shard(console, settled.error());
  }
  const auto connection = site->stores->shard(given.shard);
  if (!connection) return fail_shard(console, connection.error());
  const auto index = static_cast<std::int32_t>(found - site->names.begin());
  const auto done = store::reconcile_fence(*connection.value(), site->map, index, given.dry_run);
  if (!done) return fail_shard(console, given.shard, done.error());
  const auto& [closed, missing] = done.value();
  Restarted rooms;
  if (!given.nothing_lost) {
    auto all = restart(*site, *connection.value(), closed, given);
    if (!all) return fail_shard(console, all.error());
    rooms = all.value();
  }
  console.print(
      json::Object{{"shard", given.shard},
                   {"dry_run", given.dry_run},
                   {"closed", slots_json(closed)},
                   {"missing", slots_json(missing)},
                   {"restarted", rooms.histories},
                   {"relisted", rooms.lists.rooms},
                   {"to_make", rooms.lists.to_make}},
      Table{
          {},
          {{"closed", std::to_string(closed.size()), text_of_slots(closed)},
           {"missing", std::to_string(missing.size()), text_of_slots(missing)},
           {"restarted", std::to_string(rooms.histories), "rooms that clients read anew"},
           {"relisted", std::to_string(rooms.lists.rooms), "rooms that lists knew later events of"},
           {"to make", std::to_string(rooms.lists.to_make),
            "rooms that are made again once a server runs"}}});
  if (missing.empty()) return Exit::ok;
  console.note("  the map gives the missing ones to " + given.shard +
               ", and their rows are not there");
  return Exit::findings;
}

}  // namespace

void add_fence_command(Arguments& shard) {
  Arguments& fencing = shard.command(
      "fence", {"make a restored shard fit what the others know", "복구한 샤드를 맞춥니다"});
  auto given = std::make_shared<ReconcileOptions>();
  fencing.option("--reconcile", &given->shard, "SHARD", "before it may be written again");
  fencing.flag("--nothing-lost", &given->nothing_lost,
               "only close slots: it has all it ever had, as a replica that was not behind");
  fencing.flag("--dry-run", &given->dry_run, "only say what would be done");
  fencing.run([given](Console& console) { return reconcile(console, *given); });
}

}  // namespace respring::cmd
