#include "ops/doctor/facts.h"

namespace respring::doctor {
namespace {

json::Array texts(const std::vector<std::string>& all) {
  return json::Array(all.begin(), all.end());
}

json::Value time_or_null(const std::optional<Time>& time) {
  return time ? json::Value(to_rfc3339(*time)) : json::Value();
}

json::Value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::Value(*number) : json::Value();
}

json::Value of(const ServerFacts& s) {
  return json::Object{{"name", s.name},
                      {"where", s.where},
                      {"error", s.error},
                      {"missing", texts(s.missing)},
                      {"differing", texts(s.differing)},
                      {"dead_letters", s.dead_letters},
                      {"clock_ms", number_or_null(s.clock_ms)}};
}

json::Value of(const DirectoryFacts& d) {
  return json::Object{{"path", d.path},
                      {"exists", d.exists},
                      {"writable", d.writable},
                      {"others_may_read", d.others_may_read},
                      {"served", d.served},
                      {"free_bytes", d.free_bytes},
                      {"total_bytes", d.total_bytes}};
}

json::Value of(const DatabaseFacts& d) {
  return json::Object{{"name", d.name},
                      {"file", d.file},
                      {"used", d.used},
                      {"exists", d.exists},
                      {"bytes", d.bytes},
                      {"error", d.error},
                      {"closed", d.closed},
                      {"schema", d.schema},
                      {"differences", texts(d.differences)},
                      {"not_compared", d.not_compared},
                      {"checked", d.checked},
                      {"damage", texts(d.damage)},
                      {"on_server", d.on_server},
                      {"clock_ms", number_or_null(d.clock_ms)}};
}

json::Value of(const ShardFacts& s) {
  return json::Object{{"name", s.name},
                      {"rooms", s.rooms},
                      {"slots", s.slots},
                      {"slot_faults", texts(s.slot_faults)},
                      {"slot_fault_count", s.slot_fault_count},
                      {"rooms_checked", s.rooms_checked},
                      {"log_faults", texts(s.log_faults)},
                      {"log_fault_count", s.log_fault_count},
                      {"outbox_rows", s.outbox_rows},
                      {"outbox_oldest", time_or_null(s.outbox_oldest)},
                      {"newest", time_or_null(s.newest)}};
}

json::Value of(const MoveFacts& m) {
  return json::Object{{"id", m.id},         {"slot", m.slot},
                      {"source", m.source}, {"target", m.target},
                      {"stage", m.stage},   {"lease_until", to_rfc3339(m.lease_until)}};
}

json::Value of(const IndexFacts& i) {
  return json::Object{{"exists", i.exists},           {"on_engine", i.on_engine},
                      {"unfinished", i.unfinished},   {"outdated", texts(i.outdated)},
                      {"documents", i.documents},     {"rooms_compared", i.rooms_compared},
                      {"differences", i.differences}, {"first_difference", i.first_difference}};
}

json::Value of(const MachineFacts& m) {
  return json::Object{{"now", to_rfc3339(m.now)},
                      {"descriptors", m.descriptors},
                      {"connections_wanted", m.connections_wanted},
                      {"memory_bytes", m.memory_bytes},
                      {"password_threads", m.password_threads},
                      {"password_bytes", m.password_bytes},
                      {"password_ms", m.password_ms}};
}

json::Value of(const ConfigFacts& c) {
  return json::Object{{"listen", c.listen},
                      {"public_listener", c.public_listener},
                      {"public_admin", c.public_admin},
                      {"has_public_url", c.has_public_url},
                      {"limits_off", texts(c.limits_off)}};
}

template <class Value>
json::Array all(const std::vector<Value>& values) {
  json::Array out;
  for (const Value& value : values) out.push_back(of(value));
  return out;
}

}  // namespace

bool is_served(const Facts& facts) { return facts.directory.served || facts.clustered; }

json::Value to_json(const Facts& facts) {
  json::Array groups;
  for (const GroupFacts& g : facts.groups)
    groups.push_back(json::Object{{"group", g.group}, {"behind", g.behind}});
  return json::Object{{"directory", of(facts.directory)}, {"databases", all(facts.databases)},
                      {"shards", all(facts.shards)},      {"servers", all(facts.servers)},
                      {"clustered", facts.clustered},     {"groups", std::move(groups)},
                      {"moves", all(facts.moves)},        {"index", of(facts.index)},
                      {"machine", of(facts.machine)},     {"config", of(facts.config)},
                      {"blind", texts(facts.blind)}};
}

}  // namespace respring::doctor
