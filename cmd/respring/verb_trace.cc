// `respring trace MESSAGE`: where one message is, and who has it.
#include "respring/account_command.h"
#include "respring/trace.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

struct TraceArguments {
  std::string message;
  bool text = false;
};

json::Value time_or_null(const std::optional<Time>& time) {
  return time ? json::Value(to_rfc3339(*time)) : json::Value();
}

json::Object row_json(const Trace& t, bool with_text) {
  const chat::Message& m = t.message;
  json::Object row = {{"sender", m.sender.str()},
                      {"cid", m.cid.str()},
                      {"ordinal", m.ordinal},
                      {"version", m.version},
                      {"deleted", m.deleted},
                      {"created_at", to_rfc3339(m.created_at)},
                      {"edited_at", time_or_null(m.edited_at)}};
  if (with_text) row.emplace_back("text", m.text ? json::Value(*m.text) : json::Value());
  return row;
}

json::Value bus_json(const Trace& t) {
  if (!t.bus) return {};
  json::Array groups;
  for (const local::GroupLag& g : t.bus->groups) {
    const auto& pending = t.bus->pending;
    const bool waits = std::find(pending.begin(), pending.end(), g.group) != pending.end();
    groups.push_back(json::Object{{"group", g.group}, {"behind", g.behind}, {"done", !waits}});
  }
  json::Object bus = {{"partition", t.bus->partition}};
  bus.emplace_back("offset", t.bus->offset ? json::Value(*t.bus->offset) : json::Value());
  bus.emplace_back("groups", std::move(groups));
  return bus;
}

json::Value index_json(const Trace& t) {
  if (!t.index_known) return {};
  if (!t.indexed) return json::Object{{"present", false}};
  return json::Object{{"present", true},
                      {"version", t.indexed->version},
                      {"tombstone", !t.indexed->text.has_value()}};
}

json::Value json_of(const Trace& t, bool with_text) {
  json::Array later;
  for (const store::LaterEvent& e : t.later) {
    later.push_back(json::Object{
        {"seq", e.seq}, {"kind", e.kind}, {"actor", e.actor.str()}, {"at", to_rfc3339(e.at)}});
  }
  json::Object data = {{"room", t.key.room.str()}, {"seq", t.seq},   {"slot", t.key.slot.value},
                       {"shard", t.shard},         {"head", t.head}, {"closed", t.room_closed}};
  data.emplace_back("slot_state", t.fence ? json::Value(t.fence->state) : json::Value());
  data.emplace_back("row", row_json(t, with_text));
  data.emplace_back("later", std::move(later));
  data.emplace_back("later_not_listed", t.not_listed.empty() ? json::Value() : t.not_listed);
  data.emplace_back("in_outbox", t.in_outbox ? json::Value(*t.in_outbox) : json::Value());
  data.emplace_back("bus", bus_json(t));
  data.emplace_back("index", index_json(t));
  data.emplace_back("members", t.readers.members);
  data.emplace_back("read_by", t.readers.read);
  data.emplace_back("blind", json::Array(t.blind.begin(), t.blind.end()));
  return data;
}

std::string bus_text(const Trace& t) {
  if (t.in_outbox.value_or(false)) return "waits in the outbox of " + t.shard;
  if (!t.bus) return t.blind.empty() ? "there is no event log yet" : "not known";
  if (!t.bus->offset && !t.in_outbox) return "not known: not yet in the event log, or not any more";
  const std::string partition = "partition " + std::to_string(t.bus->partition);
  if (!t.bus->offset && t.bus_keeps_by_time)
    return partition + ", not in it: older than what is kept, or never published";
  if (!t.bus->offset) return partition + ", not kept any more: every group is done with it";
  std::string text = partition + ", offset " + std::to_string(*t.bus->offset);
  for (const std::string& group : t.bus->pending) text += "; " + group + " has not taken it yet";
  return t.bus->pending.empty() ? text + ", taken by every group" : text;
}

std::string index_text(const Trace& t) {
  if (!t.index_known) return t.blind.empty() ? "there is no index yet" : "not known";
  if (!t.indexed) return t.message.deleted ? "not in it" : "missing";
  const std::string version = "version " + std::to_string(t.indexed->version);
  if (t.indexed->version != t.message.version) {
    return version + ", behind the row's " + std::to_string(t.message.version);
  }
  return version + (t.indexed->text ? "" : ", tombstone");
}

std::string row_text(const chat::Message& m) {
  std::string text =
      "message " + std::to_string(m.ordinal) + " of the room, version " + std::to_string(m.version);
  if (m.deleted) return text + ", deleted";
  return m.edited_at ? text + ", edited " + to_rfc3339(*m.edited_at) : text;
}

std::string human_of(const Trace& t, bool with_text) {
  const chat::Message& m = t.message;
  const std::string fence =
      t.fence ? t.fence->state + " epoch " + std::to_string(t.fence->epoch) : "unknown to it";
  Table table{
      {},
      {{"accepted", to_rfc3339(m.created_at) + " from " + m.sender.str() + ", cid " + m.cid.str()},
       {"shard", t.shard + ", slot " + std::to_string(t.key.slot.value) + " " + fence},
       {"row", row_text(m)}}};
  for (const store::LaterEvent& e : t.later) {
    table.rows.push_back({"", "seq " + std::to_string(e.seq) + " " + e.kind + " by " +
                                  e.actor.str() + " at " + to_rfc3339(e.at)});
  }
  if (!t.not_listed.empty()) table.rows.push_back({"", "not listed: " + t.not_listed});
  table.rows.push_back({"events", bus_text(t)});
  table.rows.push_back({"index", index_text(t)});
  table.rows.push_back({"read", "by " + std::to_string(t.readers.read) + " of " +
                                    std::to_string(t.readers.members) + " members who may see it"});
  if (t.room_closed) table.rows.push_back({"room", "closed"});
  if (with_text) table.rows.push_back({"text", m.text.value_or("")});
  return t.key.room.str() + ":" + std::to_string(t.seq) + "\n" + render_table(table);
}

Exit trace(Console& console, const TraceArguments& given) {
  RESPRING_TRY(const auto site, open_site(console, Access::beside));
  auto shards = Shards::open(*site);
  if (!shards) return fail_command(console, shards.error());
  const auto places = places_of(shards.value(), given.message);
  if (!places) return fail_command(console, places.error());
  json::Array data;
  std::string human;
  for (const auto& [key, seq] : places.value()) {
    const auto traced = trace_message(*site, shards.value(), key, seq);
    if (!traced) return fail_command(console, traced.error());
    data.push_back(json_of(traced.value(), given.text));
    human += (human.empty() ? "" : "\n") + human_of(traced.value(), given.text);
    for (const std::string& blind : traced.value().blind) console.note("  not seen: " + blind);
  }
  console.print(json::Object{{"messages", std::move(data)}}, human);
  return Exit::ok;
}

}  // namespace

void make_trace(Arguments& args) {
  auto given = std::make_shared<TraceArguments>();
  args.argument("MESSAGE", &given->message, "ROOM:SEQ, or the client id (cid) it was sent with");
  args.flag("--text", &given->text, "show what was written, too");
  args.example("respring trace 241970126266466304:17");
  args.run([given](Console& console) { return trace(console, *given); });
}

}  // namespace respring::cmd
