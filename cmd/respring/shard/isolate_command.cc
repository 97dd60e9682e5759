// A room that is too large, or too loud, for the slot that it shares with others.
#include "respring/shard/commands.h"
#include "respring/shard/move_many.h"
#include "store/migrations.h"
#include "store/room_rows.h"

namespace respring::cmd {
namespace {

constexpr int kKnowsIsolatedRooms = 4;  ///< the migration of meta that brings them

struct IsolateOptions : MoveArguments {
  std::string room;
  std::string target;
};

Error refused(std::string why) { return {ErrorCode::conflict, std::move(why), {}, {}}; }

/// An older node would look for the room where its id hashes to, and write there.
Result<void> check_nodes(ShardSite& site) {
  const auto older = store::older_schema_users(site.meta(), kKnowsIsolatedRooms,
                                               site.clock.now() - store::kSchemaUserLives);
  if (!older) return as_error("meta", older.error());
  if (older.value().empty()) return success();
  return refused(
      older.value().front().node +
      " is alive and of a version that knows no isolated rooms: update every node first");
}

Result<WantedMove> wanted_of(ShardSite& site, const IsolateOptions& given) {
  const auto room = RoomId::parse(given.room.starts_with("#") ? given.room.substr(1) : given.room);
  if (!room) return invalid("'" + given.room + "' is no room id");
  const auto slot = site.map.slot_of(*room);
  const auto& owner = site.map.owner_of(slot);
  if (owner.shard < 0) return refused("the room's shard is not among stores.shards");
  const std::string& source = site.map.name_of(owner);
  RESPRING_TRY(auto* db, site.stores->shard(source));
  const auto row = store::load_room(*db, {slot, *room});
  if (!row) return as_error(source, row.error());
  if (!row.value()) return not_found(source + " has no room " + room->str());
  RESPRING_TRYV(check_nodes(site));
  return WantedMove{slot, given.target.empty() ? source : given.target, *room};
}

Exit isolate(Console& console, const IsolateOptions& given) {
  const Exit checked = check_arguments(console, given);
  if (checked != Exit::ok) return checked;
  RESPRING_TRY(const auto site, open_shard_site(console, {}));
  const auto wanted = wanted_of(*site, given);
  if (!wanted) return fail_shard(console, wanted.error(), "nothing was changed");
  return move_slots(console, *site, {wanted.value()}, given);
}

}  // namespace

void add_isolate_command(Arguments& shard) {
  Arguments& isolating = shard.command(
      "isolate",
      {"give one room a slot of its own, while it is used", "대화방 하나를 따로 뗍니다"});
  auto given = std::make_shared<IsolateOptions>();
  given->gc_delay_seconds = 0;  // nothing goes back into a slot that others share
  isolating.option("--room", &given->room, "ROOM", "the room's id");
  isolating.option("--to", &given->target, "SHARD", "where it goes; without it, it stays there");
  add_pace_options(isolating, given->pace);
  isolating.option("--attempts", &given->attempts, "N",
                   "how often it is tried when writes would wait too long (3)");
  isolating.flag("--dry-run", &given->dry_run, "only say what would be moved");
  isolating.example("respring shard isolate --room 913774558612951040 --to shard-3");
  isolating.run([given](Console& console) { return isolate(console, *given); });
}

}  // namespace respring::cmd
