#include "respring/shard/map_file.h"

#include <algorithm>
#include <charconv>

#include "config/yaml_tree.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

constexpr std::size_t kMostShards = 1024;

using config::Tree;

Error wrong(const std::string& path, int line, const std::string& why) {
  return invalid(path + ":" + std::to_string(line) + ": " + why);
}

bool is_name(const std::string& name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, good);
}

Result<std::int64_t> number_of(const std::string& path, const std::string& key, const Tree& value,
                               std::int64_t most) {
  std::int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto read = std::from_chars(value.text.data(), end, number);
  const bool whole = read.ec == std::errc() && read.ptr == end;
  if (whole && number >= 0 && number <= most) return number;
  return wrong(path, value.line, key + " is a whole number from 0 to " + std::to_string(most));
}

Result<store::ShardEntry> entry_of(const std::string& path, const Tree& tree) {
  if (tree.kind != Tree::Kind::map)
    return wrong(path, tree.line, "a shard has a name and a weight");
  store::ShardEntry entry{"", 1, "ACTIVE", 0};
  for (const auto& [key, value] : tree.members) {
    if (key == "name") {
      entry.name = value.text;
    } else if (key == "weight") {
      RESPRING_TRY(entry.weight, number_of(path, key, value, 1000));
    } else if (key == "capacity_mib") {
      RESPRING_TRY(const std::int64_t mebibytes, number_of(path, key, value, 1 << 30));
      entry.capacity = mebibytes << 20;
    } else {
      return wrong(path, value.line, "unknown key '" + key + "'");
    }
  }
  if (!is_name(entry.name)) return wrong(path, tree.line, "name is 1 to 64 of a-z, 0-9, - and _");
  return entry;
}

bool has_slots(const shardmap::ShardMap& map, const std::string& name) {
  return std::ranges::any_of(map.owners,
                             [&](const auto& owner) { return map.name_of(owner) == name; });
}

std::string change_of(const store::ShardEntry* before, const store::ShardEntry& after) {
  if (before == nullptr) return "added, weight " + std::to_string(after.weight);
  if (before->state != after.state) return "taken back into use";
  if (before->weight == after.weight)
    return "capacity " + std::to_string(after.capacity >> 20) + " MiB";
  return "weight " + std::to_string(before->weight) + " → " + std::to_string(after.weight);
}

}  // namespace

Result<std::vector<store::ShardEntry>> read_map_file(const std::string& path) {
  const auto text = config::read_file(path);
  if (!text) return invalid("cannot read " + path);
  const auto tree = config::parse_yaml(text.value(), path);
  if (!tree) return invalid(path + " is no YAML document");
  std::vector<store::ShardEntry> entries;
  for (const auto& [key, value] : tree.value().members) {
    if (key != "shards") return wrong(path, value.line, "unknown key '" + key + "'");
    if (value.kind != Tree::Kind::list || value.items.size() > kMostShards)
      return wrong(path, value.line, "shards is a list of at most 1024");
    for (const Tree& item : value.items) {
      RESPRING_TRY(auto entry, entry_of(path, item));
      if (std::ranges::find(entries, entry.name, &store::ShardEntry::name) != entries.end())
        return wrong(path, item.line, "'" + entry.name + "' stands there twice");
      entries.push_back(std::move(entry));
    }
  }
  const bool any = std::ranges::any_of(entries, [](const auto& e) { return e.weight > 0; });
  if (!any) return invalid(path + " names no shard with a weight above 0");
  return entries;
}

Result<std::vector<MapChange>> changes_of(const std::vector<store::ShardEntry>& wanted,
                                          const std::vector<store::ShardEntry>& known,
                                          const shardmap::ShardMap& map,
                                          const std::vector<std::string>& configured) {
  std::vector<MapChange> changes;
  for (const auto& entry : wanted) {
    const auto found = std::ranges::find(known, entry.name, &store::ShardEntry::name);
    if (found != known.end() && *found == entry) continue;
    if (std::ranges::find(configured, entry.name) == configured.end()) {
      return not_found("'" + entry.name +
                       "' is not among stores.shards: configure it on every node first");
    }
    changes.push_back({entry, change_of(found == known.end() ? nullptr : &*found, entry)});
  }
  for (const auto& entry : known) {
    if (std::ranges::find(wanted, entry.name, &store::ShardEntry::name) != wanted.end()) continue;
    if (entry.state == "RETIRED") continue;
    if (has_slots(map, entry.name)) {
      return Error{ErrorCode::conflict,
                   entry.name +
                       " has slots and is left out: give it weight 0, rebalance, then "
                       "leave it out",
                   {},
                   {}};
    }
    changes.push_back({{entry.name, 0, "RETIRED", 0}, "retired"});
  }
  return changes;
}

Result<void> prepare_shard(ShardSite& site, const std::string& name) {
  const auto& shards = site.site->settings.stores.shards;
  const auto found = std::ranges::find(shards, name, &ShardSettings::name);
  if (found == shards.end()) return success();  // one that goes
  const auto connect = current(site.site->dir, found->database, "message");
  if (!connect) return as_error(name, connect.error());
  const auto connection = connect.value()();
  if (!connection) return as_error(name, connection.error());
  const auto seeded = store::seed_slots(*connection.value(), site.map,
                                        static_cast<std::int32_t>(found - shards.begin()));
  if (!seeded) return as_error(name, seeded.error());
  return success();
}

}  // namespace respring::cmd
