// `respring room …`: a room from the operator's side.
#include "chat/codec.h"
#include "respring/account_command.h"
#include "respring/shards.h"
#include "respring/verbs.h"
#include "store/room_reads.h"

namespace respring::cmd {
namespace {

constexpr int kPage = 500;

Exit with_room(Console& console, const std::string& text,
               const std::function<Exit(Shards&, const FoundRoom&)>& body) {
  const auto id = RoomId::parse(text);
  if (!id) return console.fail(Exit::usage, "usage", "'" + text + "' is no room id");
  RESPRING_TRY(const auto site, open_site(console, Access::beside));
  auto shards = Shards::open(*site);
  if (!shards) return fail_command(console, shards.error());
  const auto room = find_room(shards.value(), *id);
  if (!room) return fail_command(console, room.error());
  return body(shards.value(), room.value());
}

json::Object room_json(const FoundRoom& room) {
  const auto& [key, row] = room.entry;
  json::Object data = {{"id", key.room.str()},
                       {"kind", std::string(chat::name_of(row.kind))},
                       {"title", row.title ? json::Value(*row.title) : json::Value()},
                       {"slot", key.slot.value},
                       {"shard", room.shard->name},
                       {"epoch", row.epoch},
                       {"seq", row.last_seq},
                       {"ordinal", row.last_ordinal},
                       {"member_count", row.member_count},
                       {"created_at", to_rfc3339(row.created_at)},
                       {"last_at", to_rfc3339(row.last_at)}};
  data.emplace_back("closed_at",
                    row.closed_at ? json::Value(to_rfc3339(*row.closed_at)) : json::Value());
  return data;
}

Exit show(Console& console, const FoundRoom& room) {
  const auto& [key, row] = room.entry;
  const auto members = store::load_members(*room.shard->connection, key);
  if (!members) return fail_database(console, room.shard->name, members.error());
  json::Array people;
  std::string lines;
  for (const chat::Member& member : members.value()) {
    people.push_back(json::Object{{"user", member.user.str()},
                                  {"role", std::string(chat::name_of(member.role))},
                                  {"joined_seq", member.joined_seq}});
    lines += "    " + member.user.str() + "  " + std::string(chat::name_of(member.role)) + "\n";
  }
  json::Object data = room_json(room);
  data.emplace_back("members", std::move(people));
  Table table{
      {},
      {{"room", key.room.str()},
       {"kind", std::string(chat::name_of(row.kind))},
       {"title", row.title.value_or("")},
       {"place", "slot " + std::to_string(key.slot.value) + ", " + room.shard->name},
       {"log", "epoch " + std::to_string(row.epoch) + ", seq " + std::to_string(row.last_seq) +
                   ", messages " + std::to_string(row.last_ordinal)},
       {"created", to_rfc3339(row.created_at)},
       {"last active", to_rfc3339(row.last_at)}}};
  if (row.closed_at) table.rows.push_back({"closed", to_rfc3339(*row.closed_at)});
  table.rows.push_back({"members", std::to_string(row.member_count)});
  console.print(json::Value(std::move(data)), render_table(table) + lines);
  return Exit::ok;
}

/// `{"type":"…",` and the members of the object.
std::string typed(std::string_view type, std::string_view object) {
  return R"({"type":")" + std::string(type) + "\"," + std::string(object.substr(1)) + "\n";
}

Exit export_log(Console& console, Shards& shards, const FoundRoom& room) {
  Seq after = 0;
  while (true) {
    const auto page = store::with_segments(shards.archive(), [&](store::SegmentsAtHand& hand) {
      return store::read_log(*room.shard->connection, room.entry.key, std::nullopt, after, kPage,
                             hand);
    });
    if (!page) return fail_command(console, page.error());
    std::string lines;
    for (const chat::Event& event : page.value().events) {
      lines += typed("event", chat::to_json(event));
      after = event.seq;
    }
    if (lines.empty()) return Exit::ok;
    console.print_text(lines);
  }
}

Exit export_room(Console& console, Shards& shards, const FoundRoom& room) {
  if (room.entry.row.closed_at) {
    return console.fail(Exit::failed, "room.closed",
                        "room " + room.entry.key.room.str() + " was closed at " +
                            to_rfc3339(*room.entry.row.closed_at));
  }
  const auto members = store::load_members(*room.shard->connection, room.entry.key);
  if (!members) return fail_database(console, room.shard->name, members.error());
  std::string lines = typed("room", json::dump(json::Value(room_json(room))));
  for (const chat::Member& member : members.value()) {
    const json::Object line = {{"user", member.user.str()},
                               {"role", std::string(chat::name_of(member.role))},
                               {"joined_seq", member.joined_seq}};
    lines += typed("member", json::dump(json::Value(line)));
  }
  console.print_text(lines);
  return export_log(console, shards, room);
}

}  // namespace

void make_room(Arguments& args) {
  Arguments& showing = args.command(
      "show", {"a room: where it lies, its log, its members", "대화방 정보를 보여 줍니다"});
  auto shown = std::make_shared<std::string>();
  showing.argument("ROOM", shown.get(), "a room id");
  showing.run([shown](Console& console) {
    return with_room(console, *shown,
                     [&](Shards&, const FoundRoom& room) { return show(console, room); });
  });

  Arguments& exporting = args.command(
      "export", {"a room's whole log with its texts, as JSON lines", "대화방 기록을 내보냅니다"});
  auto exported = std::make_shared<std::string>();
  exporting.argument("ROOM", exported.get(), "a room id");
  exporting.example("respring room export 241970126266466304 > room.jsonl");
  exporting.run([exported](Console& console) {
    return with_room(console, *exported, [&](Shards& shards, const FoundRoom& room) {
      return export_room(console, shards, room);
    });
  });
}

}  // namespace respring::cmd
