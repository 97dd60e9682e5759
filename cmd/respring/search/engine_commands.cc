#include "respring/search/engine_commands.h"

#include <iostream>

#include "respring/account_command.h"
#include "respring/interrupt.h"
#include "respring/progress.h"
#include "respring/search/bus_events.h"
#include "respring/search/engine.h"
#include "respring/search/log_source.h"
#include "respring/search/open_index.h"

namespace respring::cmd {
namespace {

using reindex::Generation;
using reindex::Rebuilt;

/// The engine with everything a new index is made from.
struct Workshop {
  std::unique_ptr<Site> site;
  Shards shards;
  std::unique_ptr<reindex::Events> events;  ///< none: the event log is embedded
  std::unique_ptr<SearchEngine> engine;
  LogSource source() { return LogSource(shards); }
};

/// With an embedded event log nobody may write meanwhile: it does not keep what was handled.
Result<Workshop, Exit> open_workshop(Console& console, bool looks_only) {
  RESPRING_TRY(auto site, open_site(console, Access::beside));
  if (!looks_only && !has_cluster(site->settings)) {
    site.reset();
    RESPRING_TRY(site, open_site(console, Access::alone));
  }
  auto shards = Shards::open(*site);
  if (!shards) return fail_command(console, shards.error());
  Workshop workshop{std::move(site), std::move(shards).value(), nullptr, nullptr};
  auto engine = engine_of(workshop.site->settings);
  if (!engine) return fail_search(console, engine.error());
  workshop.engine = std::make_unique<SearchEngine>(std::move(engine).value());
  if (!has_cluster(workshop.site->settings)) return workshop;
  const auto cluster = cluster_of(workshop.site->settings);
  if (!cluster) return fail_search(console, cluster.error());
  auto events = BusEvents::open(cluster.value());
  if (!events) return fail_search(console, events.error());
  workshop.events = std::move(events).value();
  return workshop;
}

/// What the work says while it runs: the bar of the scan, a line for each later step.
class Reporter {
 public:
  Reporter(Console& console, std::int64_t messages)
      : console_(console), bar_(console, std::cerr, "reindex", "messages", messages) {}

  reindex::RebuildOptions options(const EngineReindex& given) {
    reindex::RebuildOptions options;
    options.fresh = given.fresh;
    options.keep = given.keep;
    options.scan.writers = given.writers;
    options.hooks.stopping = [this] { return interrupt_.requested(); };
    options.hooks.on_progress = [this](const reindex::Build& build) {
      if (build.phase == reindex::Phase::scanning) bar_.update(build.documents);
    };
    options.on_step = [this](std::string_view step) {
      if (step == "scan") return;
      bar_.finish();
      if (step == step_) return;
      step_ = step;
      const std::string_view what = step == "follow"   ? "  adding what was sent meanwhile"
                                    : step == "verify" ? "  comparing with the room logs"
                                                       : "  switching";
      console_.note(what);
    };
    return options;
  }
  void finish() { bar_.finish(); }

 private:
  Console& console_;
  Progress bar_;
  Interrupt interrupt_;
  std::string step_;
};

json::Object json_of(const Rebuilt& rebuilt) {
  const reindex::Build& build = *rebuilt.generation.build;
  return {{"job", build.job},
          {"index", rebuilt.generation.name},
          {"phase", std::string(name_of(build.phase))},
          {"documents", build.documents},
          {"resumed", rebuilt.resumed},
          {"rooms_verified", rebuilt.verdict.rooms},
          {"messages_verified", rebuilt.verdict.compared}};
}

Exit say_differences(Console& console, const Rebuilt& rebuilt) {
  const reindex::Difference& first = rebuilt.verdict.differences.front();
  const std::string place =
      first.room.str() + (first.seq > 0 ? ":" + std::to_string(first.seq) : "");
  return console.fail(Exit::partly, "search.differs",
                      rebuilt.generation.name + " differs from the room logs in " +
                          with_commas(rebuilt.verdict.found) + " places, first " + place + " " +
                          first.what,
                      "it does not serve; try again: respring search reindex, or begin anew: "
                      "respring search reindex --fresh");
}

Exit conclude(Console& console, const Result<Rebuilt>& done, const std::string& command) {
  if (!done && done.error().code == ErrorCode::conflict) return fail_search(console, done.error());
  if (!done) {
    const bool away = is_out_of_reach(done.error().code);
    return console.fail(away ? Exit::unreachable : Exit::partly,
                        away ? "search.unavailable" : "search.partly", done.error().detail,
                        "what is done is kept; go on: " + command);
  }
  const Rebuilt& rebuilt = done.value();
  const reindex::Build& build = *rebuilt.generation.build;
  if (rebuilt.end == Rebuilt::End::stopped) {
    return console.fail(
        Exit::interrupted, "search.interrupted",
        "job " + build.job + " was interrupted while " + std::string(name_of(build.phase)),
        with_commas(build.documents) + " messages are in " + rebuilt.generation.name +
            "; go on: " + command);
  }
  if (rebuilt.end == Rebuilt::End::differs) return say_differences(console, rebuilt);
  console.print(json_of(rebuilt),
                rebuilt.generation.name + " serves: " + with_commas(build.documents) +
                    " messages written, " + with_commas(rebuilt.verdict.rooms) + " rooms compared");
  return Exit::ok;
}

void say_pruned(Console& console, reindex::Engine& engine) {
  const auto removed = reindex::prune(engine, SystemClock().now());
  if (!removed) {
    console.note("  older generations could not be removed: " + removed.error().detail);
    return;
  }
  for (const std::string& name : removed.value()) console.note("  removed " + name);
}

std::string until_text(const Generation& one) {
  if (!one.build || !one.build->kept_until || one.serving) return "";
  return to_rfc3339(*one.build->kept_until);
}

std::string state_of(const Generation& one) {
  if (!one.readable) return "of another version";
  if (one.serving && one.build && one.build->phase == reindex::Phase::switching)
    return "serving, unfinished";
  if (one.serving) return "serving";
  if (one.build && one.build->kept_until) return "kept";
  return one.build ? "being built: " + std::string(name_of(one.build->phase)) : "unknown";
}

}  // namespace

Exit reindex_engine(Console& console, const EngineReindex& given) {
  RESPRING_TRY(auto workshop, open_workshop(console, given.dry_run));
  LogSource source = workshop.source();
  const auto extent = source.extent();
  if (!extent) return fail_search(console, extent.error());
  const auto generations = workshop.engine->list();
  if (!generations) return fail_search(console, generations.error());
  const auto before = reindex::unfinished_generation(generations.value());
  const bool resumes = before && !given.fresh;
  if (given.dry_run) {
    console.print(json::Object{{"dry_run", true},
                               {"rooms", extent.value().rooms},
                               {"messages", extent.value().messages},
                               {"resumes", resumes}},
                  "would index " + with_commas(extent.value().messages) + " messages of " +
                      with_commas(extent.value().rooms) + " rooms" +
                      (resumes ? ", going on with job " + before->build->job : ""));
    return Exit::ok;
  }
  if (resumes) {
    console.note("going on with job " + before->build->job + ": " + before->name + " has " +
                 with_commas(before->build->documents) + " messages");
  }
  say_pruned(console, *workshop.engine);
  Reporter reporter(console, extent.value().messages);
  const auto options = reporter.options(given);
  const auto done =
      reindex::rebuild(*workshop.engine, source, workshop.events.get(), SystemClock(), options);
  reporter.finish();
  const Exit exit = conclude(console, done, "respring search reindex");
  if (exit != Exit::ok) return exit;
  say_pruned(console, *workshop.engine);
  const auto left = workshop.engine->list();
  const auto kept = left ? reindex::kept_generation(left.value()) : std::nullopt;
  if (kept) {
    console.note("  " + kept->name + " is kept until " + until_text(*kept) +
                 "; back to it: respring search rollback");
  }
  return Exit::ok;
}

Exit roll_back_engine(Console& console, const EngineReindex& given) {
  RESPRING_TRY(auto workshop, open_workshop(console, given.dry_run));
  LogSource source = workshop.source();
  if (given.dry_run) {
    const auto generations = workshop.engine->list();
    if (!generations) return fail_search(console, generations.error());
    const auto kept = reindex::kept_generation(generations.value());
    if (!kept)
      return console.fail(Exit::refused, "search.no_rollback",
                          "no older generation of the search index is kept");
    console.print(json::Object{{"dry_run", true}, {"index", kept->name}},
                  "would add to " + kept->name + " what was sent meanwhile and let it serve");
    return Exit::ok;
  }
  Reporter reporter(console, 0);
  const auto options = reporter.options(given);
  const auto done =
      reindex::roll_back(*workshop.engine, source, workshop.events.get(), SystemClock(), options);
  reporter.finish();
  return conclude(console, done, "respring search rollback");
}

Exit prune_engine(Console& console, bool dry_run) {
  RESPRING_TRY(auto workshop, open_workshop(console, true));
  const Time now = SystemClock().now();
  std::vector<std::string> names;
  if (dry_run) {
    const auto generations = workshop.engine->list();
    if (!generations) return fail_search(console, generations.error());
    for (const Generation& one : generations.value()) {
      if (!one.serving && one.build && one.build->kept_until && *one.build->kept_until <= now)
        names.push_back(one.name);
    }
  } else {
    auto removed = reindex::prune(*workshop.engine, now);
    if (!removed) return fail_search(console, removed.error());
    names = std::move(removed).value();
  }
  std::string human = dry_run ? "would remove" : "removed";
  for (const std::string& name : names) human += " " + name;
  if (names.empty()) human += " nothing: no generation is kept beyond its time";
  console.print(
      json::Object{{"dry_run", dry_run}, {"removed", json::Array(names.begin(), names.end())}},
      human);
  return Exit::ok;
}

Exit engine_status(Console& console) {
  RESPRING_TRY(auto workshop, open_workshop(console, true));
  const auto generations = workshop.engine->list();
  if (!generations) return fail_search(console, generations.error());
  const auto extent = workshop.source().extent();
  if (!extent) return fail_search(console, extent.error());
  const auto lag = indexer_lag(*workshop.site);
  Table table{{"index", "state", "documents", "kept until"}, {}};
  json::Array all;
  for (const Generation& one : generations.value()) {
    const auto target = workshop.engine->open(one.number);
    const auto count = one.readable && target ? target.value()->count(RoomId{}) : internal("");
    const std::optional<std::int64_t> documents =
        count ? std::optional(count.value()) : std::nullopt;
    table.rows.push_back({one.name, state_of(one),
                          documents ? with_commas(*documents) : "not known", until_text(one)});
    all.push_back(json::Object{{"index", one.name},
                               {"state", state_of(one)},
                               {"serving", one.serving},
                               {"documents", number_or_null(documents)},
                               {"job", one.build ? json::Value(one.build->job) : json::Value()},
                               {"kept_until", until_text(one)}});
  }
  console.print(json::Object{{"backend", engine_of(workshop.site->settings).value().str()},
                             {"generations", std::move(all)},
                             {"messages_sent", extent.value().messages},
                             {"rooms", extent.value().rooms},
                             {"lag", number_or_null(lag)}},
                table);
  console.note("  " + with_commas(extent.value().messages) + " messages were sent in " +
               with_commas(extent.value().rooms) +
               " rooms; events behind: " + (lag ? with_commas(*lag) : "not known"));
  const bool under_way = reindex::unfinished_generation(generations.value()).has_value();
  console.note(under_way ? "  next: respring search reindex goes on with what is unfinished"
                         : "  next: respring search verify compares it with the room logs");
  return Exit::ok;
}

}  // namespace respring::cmd
