#include "respring/shard/commands.h"
#include "respring/shard/move_run.h"
#include "respring/shard/picture.h"
#include "respring/shard/shard_site.h"
#include "respring/shards.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

constexpr int kMovesShown = 200;

json::Array runs_json(const shardmap::ShardMap& map) {
  json::Array runs;
  const auto& owners = map.owners;
  for (std::size_t i = 0; i < owners.size();) {
    std::size_t end = i;
    while (end + 1 < owners.size() && owners[end + 1] == owners[i]) ++end;
    runs.push_back(json::Object{{"from", static_cast<std::int64_t>(i)},
                                {"to", static_cast<std::int64_t>(end)},
                                {"shard", map.name_of(owners[i])},
                                {"epoch", owners[i].epoch}});
    i = end + 1;
  }
  return runs;
}

json::Array isolated_json(const shardmap::ShardMap& map) {
  json::Array rooms;
  for (const auto& [room, slot] : map.isolated)
    rooms.push_back(json::Object{{"room", room.str()}, {"slot", slot.value}});
  return rooms;
}

std::vector<shardmap::Slot> slots_of(const shardmap::ShardMap& map, const std::string& name) {
  std::vector<shardmap::Slot> slots;
  for (std::size_t i = 0; i < map.owners.size(); ++i) {
    if (map.name_of(map.owners[i]) != name) continue;
    slots.push_back(shardmap::Slot{static_cast<std::int32_t>(i)});
  }
  return slots;
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost ? text : text.substr(0, text.rfind(',', kMost)) + ",…";
}

Exit show_map(Console& console, const std::string& format) {
  RESPRING_TRY(const auto site, open_shard_site(console));
  const auto known = store::list_shards(site->meta());
  if (!known) return fail_shard(console, "meta", known.error());
  if (format != "table") {
    console.print_text(format == "svg" ? svg_of(site->map) : mermaid_of(site->map));
    return Exit::ok;
  }
  json::Array shards;
  Table table{{"shard", "state", "weight", "slots", "which"}, {}};
  for (const auto& shard : known.value()) {
    const auto slots = slots_of(site->map, shard.name);
    const auto count = static_cast<std::int64_t>(slots.size());
    shards.push_back(json::Object{
        {"name", shard.name}, {"state", shard.state}, {"weight", shard.weight}, {"slots", count}});
    table.rows.push_back({shard.name, shard.state, std::to_string(shard.weight),
                          std::to_string(count), shortened(text_of_slots(slots))});
  }
  console.print(json::Object{{"map_version", site->map.version},
                             {"shards", std::move(shards)},
                             {"slots", runs_json(site->map)},
                             {"isolated", isolated_json(site->map)}},
                render_table(table) + "map version " + std::to_string(site->map.version));
  for (const auto& [room, slot] : site->map.isolated)
    console.note("  room " + room.str() + " has slot " + std::to_string(slot.value) +
                 " of its own");
  return Exit::ok;
}

std::string advice_for(const shardmap::Move& move, Time now) {
  const bool running = move.state == shardmap::MoveState::run;
  if (running && move.wish == shardmap::MoveWish::pause)
    return "paused: respring shard resume " + move.id;
  if (running && move.lease_until > now) return "its mover works";
  if (running) return "nobody works on it: respring shard resume " + move.id;
  if (!move.settled) return "decided, not carried out: respring shard resume " + move.id;
  if (move.state == shardmap::MoveState::committed) {
    return move.clean_at > now ? "old rows are kept" : "old rows may go: respring shard gc";
  }
  return move.note;
}

Exit show_status(Console& console, bool all) {
  RESPRING_TRY(const auto site, open_shard_site(console));
  const auto moves = store::list_moves(site->meta(), std::nullopt, !all, kMovesShown);
  if (!moves) return fail_shard(console, "meta", moves.error());
  const Time now = site->clock.now();
  json::Array data;
  Table table{{"move", "slot", "from", "to", "state", "stage", "rows", ""}, {}};
  for (const auto& move : moves.value()) {
    json::Object entry = move_json(move);
    entry.emplace_back("advice", advice_for(move, now));
    data.emplace_back(std::move(entry));
    table.rows.push_back({move.id, text_of_moved(move), move.source, move.target,
                          std::string(shardmap::name_of(move.state)), move.stage,
                          std::to_string(move.rows), advice_for(move, now)});
  }
  const bool none = table.rows.empty();
  console.print(json::Object{{"map_version", site->map.version}, {"moves", std::move(data)}},
                none ? "no moves are under way; map version " + std::to_string(site->map.version)
                     : render_table(table));
  return Exit::ok;
}

Exit show_where(Console& console, const std::string& key) {
  if (key.starts_with("@")) {
    return console.fail(Exit::usage, "usage", "users are not sharded, rooms are",
                        "give a room's id; a user's rooms: respring user show " + key);
  }
  const auto room = RoomId::parse(key.starts_with("#") ? key.substr(1) : key);
  if (!room) return console.fail(Exit::usage, "usage", "'" + key + "' is no room id");
  RESPRING_TRY(const auto site, open_shard_site(console));
  const auto slot = site->map.slot_of(*room);
  const auto& owner = site->map.owner_of(slot);
  const std::string& shard = site->map.name_of(owner);
  const bool isolated = slot.value >= shardmap::kHashedSlots;
  Table table{
      {},
      {{"room", room->str()},
       {"slot", std::to_string(slot.value) + (isolated ? " (of its own: it was isolated)"
                                                       : " (top 12 bits of XXH3-64 of the id)")},
       {"shard", shard},
       {"epoch", std::to_string(owner.epoch)},
       {"map version", std::to_string(site->map.version)}}};
  console.print(json::Object{{"room", room->str()},
                             {"slot", slot.value},
                             {"isolated", isolated},
                             {"shard", shard},
                             {"epoch", owner.epoch},
                             {"map_version", site->map.version}},
                table);
  return Exit::ok;
}

}  // namespace

void add_map_commands(Arguments& shard) {
  Arguments& mapping = shard.command(
      "map", {"which shard owns which slots", "어느 샤드가 어느 슬롯을 가졌는지 보여 줍니다"});
  auto format = std::make_shared<std::string>("table");
  mapping.choice("--format", format.get(), {"table", "svg", "mermaid"}, "a table or a picture");
  mapping.run([format](Console& console) { return show_map(console, *format); });

  Arguments& status = shard.command(
      "status", {"moves under way and what they wait for", "진행 중인 이동을 보여 줍니다"});
  auto all = std::make_shared<bool>(false);
  status.flag("--all", all.get(), "finished ones, too");
  status.run([all](Console& console) { return show_status(console, *all); });

  Arguments& finding =
      shard.command("where", {"the slot and shard of a room", "대화방이 있는 샤드를 알려 줍니다"});
  auto key = std::make_shared<std::string>();
  finding.argument("KEY", key.get(), "a room id");
  finding.run([key](Console& console) { return show_where(console, *key); });
}

}  // namespace respring::cmd
