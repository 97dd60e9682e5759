#include <algorithm>
#include <fstream>
#include <iostream>

#include "config/yaml_tree.h"
#include "ops/rebalance/plan.h"
#include "respring/confirm.h"
#include "respring/shard/commands.h"
#include "respring/shard/map_file.h"
#include "respring/shard/move_many.h"
#include "store/slots.h"

namespace respring::cmd {
namespace {

// So that empty slots are spread as well.
constexpr std::int64_t kBaseCost = 10;

struct PlanOptions : MoveArguments {
  double threshold_percent = 10;
  std::string out;
  std::string plan;
  Consent consent;
};

/// What a plan is made from.
struct Loads {
  std::vector<rebalance::SlotLoad> slots;
  std::vector<rebalance::ShardLoad> shards;
};

/// By what the shard takes for an event, so that no table is read for it.
std::int64_t bytes_per_event(std::int64_t bytes, std::int64_t events) {
  constexpr std::int64_t kLeast = 300, kMost = 16 << 10;
  return std::clamp(bytes / std::max<std::int64_t>(events, 1), kLeast, kMost);
}

/// The events of a shard's rooms, by slot, and what they take.
Result<void> weigh(ShardSite& site, std::size_t index, const std::vector<std::size_t>& place,
                   Loads& loads) {
  const std::string& name = site.names[index];
  RESPRING_TRY(auto* shard, site.stores->shard(name));
  const auto events = store::events_by_slot(*shard);
  if (!events) return as_error(name, events.error());
  const auto bytes = shard->bytes();
  if (!bytes) return as_error(name, bytes.error());
  loads.shards[index].bytes = bytes.value();
  std::int64_t all = 0;
  for (const auto& [slot, count] : events.value()) all += count;
  for (const auto& [slot, count] : events.value()) {
    // Rows of a slot that is not this shard's are left over from a move.
    if (site.map.owner_of(slot).shard != static_cast<std::int32_t>(index)) continue;
    auto& load = loads.slots[place[static_cast<std::size_t>(slot.value)]];
    load.cost += count;
    load.bytes += count * bytes_per_event(bytes.value(), all);
  }
  return success();
}

Result<std::vector<rebalance::ShardLoad>> shards_of(ShardSite& site) {
  const auto known = store::list_shards(site.meta());
  if (!known) return as_error("meta", known.error());
  std::vector<rebalance::ShardLoad> shards;
  for (const std::string& name : site.names) {
    const auto found = std::ranges::find(known.value(), name, &store::ShardEntry::name);
    // One that is configured and not in the map gets nothing yet.
    const bool active = found != known.value().end() && found->state == "ACTIVE";
    shards.push_back({name, active ? found->weight : 0, active ? found->capacity : 0, 0});
  }
  return shards;
}

Result<Loads> loads_of(ShardSite& site) {
  Loads loads;
  RESPRING_TRY(loads.shards, shards_of(site));
  std::vector<std::size_t> place(site.map.owners.size(), 0);
  for (std::size_t i = 0; i < site.map.owners.size(); ++i) {
    const shardmap::Slot slot{static_cast<std::int32_t>(i)};
    place[i] = loads.slots.size();
    const auto owner = site.map.owner_of(slot).shard;
    if (owner >= 0) loads.slots.push_back({slot, owner, kBaseCost, 0});
  }
  for (std::size_t i = 0; i < site.names.size(); ++i) {
    RESPRING_TRYV(weigh(site, i, place, loads));
  }
  return loads;
}

/// Where a plan cannot do what it is for, that is said instead.
Result<void> check_space(const ShardSite& site, const rebalance::Plan& plan) {
  std::string full;
  for (const std::int32_t shard : plan.full)
    full += (full.empty() ? "" : ", ") + site.names[static_cast<std::size_t>(shard)];
  const bool helps = plan.stranded == 0 && !plan.moves.empty();
  if (full.empty() || helps) return success();
  const std::string what = plan.stranded == 0 ? "what should move"
                                              : std::to_string(plan.stranded) +
                                                    " slots of shards that are to be emptied";
  return Error{ErrorCode::conflict,
               what + " find no space: " + full +
                   " would be filled to more than 90 % of capacity_mib. Raise it or add a shard in "
                   "the map's file, then: respring shard apply FILE",
               {},
               {}};
}

Result<rebalance::PlanFile> make_plan(ShardSite& site, const PlanOptions& given) {
  RESPRING_TRY(const auto loads, loads_of(site));
  rebalance::PlanFile file;
  file.map_version = site.map.version;
  const rebalance::Options options{.threshold = given.threshold_percent / 100};
  const auto made = rebalance::plan(loads.shards, loads.slots, options);
  RESPRING_TRYV(check_space(site, made));
  for (const auto& move : made.moves) {
    file.moves.push_back({move.slot, site.names[static_cast<std::size_t>(move.from)],
                          site.names[static_cast<std::size_t>(move.to)],
                          site.map.owner_of(move.slot).epoch});
  }
  return file;
}

/// How many slots go from where to where.
Table summary_of(const rebalance::PlanFile& file) {
  std::map<std::pair<std::string, std::string>, std::vector<shardmap::Slot>> ways;
  for (const auto& move : file.moves) ways[{move.from, move.to}].push_back(move.slot);
  Table table{{"from", "to", "slots", "which"}, {}};
  for (auto& [way, slots] : ways) {
    std::ranges::sort(slots);
    std::string which = text_of_slots(slots);
    if (which.size() > 60) which = which.substr(0, which.rfind(',', 60)) + ",…";
    table.rows.push_back({way.first, way.second, std::to_string(slots.size()), which});
  }
  return table;
}

void print_plan(Console& console, const rebalance::PlanFile& file) {
  const auto data = json::parse(rebalance::to_json(file));
  if (file.moves.empty()) {
    console.print(data.value(), "nothing to move: the shards are even enough");
  } else {
    console.print(data.value(), summary_of(file));
  }
}

Exit plan(Console& console, const PlanOptions& given) {
  if (given.threshold_percent < 0 || given.threshold_percent > 100)
    return console.fail(Exit::usage, "usage", "--threshold is a percentage");
  RESPRING_TRY(const auto site, open_shard_site(console));
  const auto file = make_plan(*site, given);
  if (!file) return fail_shard(console, file.error(), "nothing was changed");
  print_plan(console, file.value());
  if (given.out.empty()) {
    if (!file.value().moves.empty()) console.note("  next: respring shard plan --out plan.json");
    return Exit::ok;
  }
  std::ofstream out(given.out);
  out << rebalance::to_json(file.value());
  if (!out.flush()) return console.fail(Exit::failed, "plan.write", "cannot write " + given.out);
  console.note("  next: respring shard rebalance --plan " + given.out);
  return Exit::ok;
}

Result<rebalance::PlanFile, Exit> plan_of(Console& console, ShardSite& site,
                                          const PlanOptions& given) {
  if (given.plan.empty()) {
    auto made = make_plan(site, given);
    if (!made) return fail_shard(console, made.error(), "nothing was changed");
    return std::move(made).value();
  }
  const auto text = config::read_file(given.plan);
  if (!text) return console.fail(Exit::usage, "usage", "cannot read " + given.plan);
  auto file = rebalance::plan_from(text.value());
  if (!file) {
    return console.fail(Exit::usage, "usage", given.plan + " is no plan",
                        "make one: respring shard plan --out plan.json");
  }
  const auto current = rebalance::check_current(file.value(), site.map);
  if (!current) {
    return fail_shard(
        console, current.error(),
        "nothing was changed. Make a new plan: respring shard plan --out " + given.plan);
  }
  return std::move(file).value();
}

Exit rebalance_all(Console& console, const PlanOptions& given) {
  const Exit checked = check_arguments(console, given);
  if (checked != Exit::ok) return checked;
  RESPRING_TRY(const auto site,
               open_shard_site(console, std::chrono::seconds(given.gc_delay_seconds)));
  RESPRING_TRY(const auto file, plan_of(console, *site, given));
  if (file.moves.empty() || given.dry_run) {
    print_plan(console, file);
    return Exit::ok;
  }
  if (given.plan.empty()) {
    const Exit allowed = ask(console, std::cin, given.consent,
                             "move " + std::to_string(file.moves.size()) + " slots?");
    if (allowed != Exit::ok) return allowed;
  }
  std::vector<WantedMove> wanted;
  for (const auto& move : file.moves) wanted.push_back({move.slot, move.to});
  return move_slots(console, *site, wanted, given);
}

Exit apply(Console& console, const std::string& path, bool dry_run) {
  const auto file = read_map_file(path);
  if (!file) return console.fail(Exit::usage, "usage", file.error().detail);
  RESPRING_TRY(const auto site, open_shard_site(console));
  const auto known = store::list_shards(site->meta());
  if (!known) return fail_shard(console, "meta", known.error());
  const auto changes = changes_of(file.value(), known.value(), site->map, site->names);
  if (!changes) return fail_shard(console, changes.error(), "nothing was changed");
  json::Array data;
  Table table{{"shard", "change"}, {}};
  for (const MapChange& change : changes.value()) {
    data.push_back(json::Object{{"shard", change.shard.name}, {"change", change.what}});
    table.rows.push_back({change.shard.name, change.what});
  }
  for (const MapChange& change : changes.value()) {
    if (dry_run) break;
    const auto prepared = prepare_shard(*site, change.shard.name);
    if (!prepared) return fail_shard(console, prepared.error(), "run it again to go on");
    const auto put = store::put_shard(site->meta(), change.shard);
    if (!put) return fail_shard(console, "meta", put.error());
  }
  const bool nothing = table.rows.empty();
  console.print(json::Object{{"dry_run", dry_run}, {"changes", std::move(data)}},
                nothing ? "nothing to do: the map agrees with " + path : render_table(table));
  if (!nothing) console.note("  next: respring shard plan");
  return Exit::ok;
}

void add_apply(Arguments& shard) {
  Arguments& applying = shard.command(
      "apply", {"take over shards and weights from a reviewed file", "샤드 구성을 적용합니다"});
  auto file = std::make_shared<std::string>();
  auto dry_run = std::make_shared<bool>(false);
  applying.argument("FILE", file.get(), "e.g. shardmap/prod.yaml");
  applying.flag("--dry-run", dry_run.get(), "only say what would change");
  applying.run([file, dry_run](Console& console) { return apply(console, *file, *dry_run); });
}

}  // namespace

void add_plan_commands(Arguments& shard) {
  add_apply(shard);
  Arguments& planning = shard.command(
      "plan", {"which slots should move so that shards are even", "재배치 계획을 세웁니다"});
  auto plan_given = std::make_shared<PlanOptions>();
  planning.option("--threshold", &plan_given->threshold_percent, "PERCENT",
                  "differences to leave alone (10)");
  planning.option("--out", &plan_given->out, "FILE", "also write it there, for rebalance --plan");
  planning.run([plan_given](Console& console) { return plan(console, *plan_given); });

  Arguments& balancing =
      shard.command("rebalance", {"carry a plan out, slot by slot", "계획대로 슬롯을 옮깁니다"});
  auto given = std::make_shared<PlanOptions>();
  balancing.option("--plan", &given->plan, "FILE", "the plan; else one is made and asked about");
  balancing.option("--threshold", &given->threshold_percent, "PERCENT",
                   "differences to leave alone (10)");
  add_move_options(balancing, *given);
  balancing.flag("--dry-run", &given->dry_run, "only say what would be moved");
  balancing.flag("--yes", &given->consent.yes, "do not ask");
  balancing.run([given](Console& console) { return rebalance_all(console, *given); });
}

}  // namespace respring::cmd
