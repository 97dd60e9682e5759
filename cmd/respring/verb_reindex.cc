// `respring search reindex`, also `respring reindex`: the index anew from the room logs.
#include <iostream>

#include "config/values.h"
#include "local/search_index.h"
#include "respring/account_command.h"
#include "respring/configuration.h"
#include "respring/interrupt.h"
#include "respring/progress.h"
#include "respring/search/engine_commands.h"
#include "respring/search/file_index.h"
#include "respring/search/reindex_job.h"
#include "respring/serve/platform.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

using Extent = LogSource::Extent;

struct ReindexArguments {
  bool fresh = false;
  bool dry_run = false;
  std::string keep = "24h";
  std::int64_t writers = 3;
};

reindex::Checkpoint begin_job() {
  reindex::Checkpoint checkpoint;
  checkpoint.job = random_token(6);
  checkpoint.begun = SystemClock().now();
  return checkpoint;
}

Result<void> remove_index(const DataDir& dir) {
  const std::string file = dir.file_of(kSearchDatabase).string();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    std::filesystem::remove(file + suffix, error);
    if (error) return internal("cannot remove " + file + suffix + ": " + error.message());
  }
  return success();
}

/// The walk with its bar and its journal.
Result<void> walk(Console& console, LogSource& source, chat::SearchIndex& index,
                  const ReindexJournal& journal, const Extent& extent,
                  reindex::Checkpoint& checkpoint, const Interrupt& interrupt) {
  Progress progress(console, std::cerr, "reindex", "messages", extent.messages);
  auto saved_at = std::chrono::steady_clock::now();
  reindex::Hooks hooks;
  hooks.stopping = [&] { return interrupt.requested(); };
  hooks.on_progress = [&](const reindex::Checkpoint& c) {
    progress.update(c.documents);
    const auto now = std::chrono::steady_clock::now();
    if (now - saved_at < std::chrono::seconds(1)) return;
    saved_at = now;
    // Without it a resumed job only does more again; the last save tells of a failure.
    (void)journal.save(c);
  };
  const auto done = reindex::run(source, index, checkpoint, hooks);
  progress.finish();
  if (checkpoint.stage == reindex::Stage::done) {
    journal.remove();
  } else {
    RESPRING_TRYV(journal.save(checkpoint));
  }
  return done;
}

Exit conclude(Console& console, const reindex::Checkpoint& checkpoint, const Result<void>& done) {
  const std::string so_far = with_commas(checkpoint.documents) + " messages of " +
                             with_commas(checkpoint.rooms) + " rooms";
  const std::string go_on = "go on: respring search reindex";
  if (!done) {
    return console.fail(Exit::partly, "search.partly", done.error().detail,
                        so_far + " are indexed; " + go_on);
  }
  if (checkpoint.stage != reindex::Stage::done) {
    return console.fail(Exit::interrupted, "search.interrupted",
                        "job " + checkpoint.job + " was interrupted",
                        so_far + " are indexed, the rest is as it was; " + go_on);
  }
  console.print(json::Object{{"job", checkpoint.job},
                             {"rooms", checkpoint.rooms},
                             {"documents", checkpoint.documents}},
                "indexed " + so_far);
  console.note("  next: respring search verify");
  return Exit::ok;
}

Exit say_what_would_happen(Console& console, const Extent& extent,
                           const std::optional<reindex::Checkpoint>& before) {
  console.print(json::Object{{"dry_run", true},
                             {"rooms", extent.rooms},
                             {"messages", extent.messages},
                             {"resumes", before.has_value()}},
                "would index " + with_commas(extent.messages) + " messages of " +
                    with_commas(extent.rooms) + " rooms" +
                    (before ? ", going on with job " + before->job : ""));
  return Exit::ok;
}

Exit reindex_from(Console& console, const Site& site, Shards& shards,
                  const std::optional<reindex::Checkpoint>& before) {
  const auto damaged = [&console](const std::string& why) {
    return console.fail(Exit::failed, "search.damaged", "search index: " + why,
                        "build it from nothing: respring search reindex --fresh");
  };
  auto connect = current(site.dir, kSearchDatabase, "search");
  if (!connect) return damaged(connect.error().detail);
  auto index = local::open_search_index({.connect = std::move(connect).value()});
  if (!index) return damaged(index.error().detail);
  const auto look = open_existing(site.dir, kSearchDatabase, true);
  if (!look) return fail_database(console, "search index", look.error());
  FileIndex indexed(*look.value());
  LogSource source(shards, indexed.rooms());
  const auto extent = source.extent();
  if (!extent) return fail_command(console, extent.error());
  reindex::Checkpoint checkpoint = before ? *before : begin_job();
  if (before) {
    console.note("going on with job " + checkpoint.job + ": " + with_commas(checkpoint.rooms) +
                 " rooms are done");
  }
  const Interrupt interrupt;
  const ReindexJournal journal(site.dir);
  const auto done =
      walk(console, source, *index.value(), journal, extent.value(), checkpoint, interrupt);
  return conclude(console, checkpoint, done);
}

Exit reindex_site(Console& console, const Site& site, const ReindexArguments& given) {
  auto shards = Shards::open(site);
  if (!shards) return fail_command(console, shards.error());
  const ReindexJournal journal(site.dir);
  const auto before = given.fresh ? std::nullopt : journal.load();
  if (given.dry_run) {
    LogSource source(shards.value());
    const auto extent = source.extent();
    if (!extent) return fail_command(console, extent.error());
    return say_what_would_happen(console, extent.value(), before);
  }
  if (given.fresh) {
    if (const auto removed = remove_index(site.dir); !removed)
      return fail_command(console, removed.error());
    journal.remove();
  }
  return reindex_from(console, site, shards.value(), before);
}

Exit reindex_on_engine(Console& console, const ReindexArguments& given) {
  const auto keep = config::parse_duration(given.keep);
  if (!keep)
    return console.fail(Exit::usage, "usage",
                        "--keep " + given.keep + " is no time like 24h or 7d");
  constexpr std::int64_t kMostWriters = 16;
  if (given.writers < 1 || given.writers > kMostWriters)
    return console.fail(Exit::usage, "usage", "--writers is 1 to 16");
  EngineReindex engine;
  engine.fresh = given.fresh;
  engine.dry_run = given.dry_run;
  engine.keep = keep.value();
  engine.writers = static_cast<int>(given.writers);
  return reindex_engine(console, engine);
}

Exit reindex_all(Console& console, const ReindexArguments& given) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  if (has_engine(settings)) return reindex_on_engine(console, given);
  RESPRING_TRY(const auto site, open_site(console, Access::alone));
  return reindex_site(console, *site, given);
}

}  // namespace

void make_reindex(Arguments& args) {
  auto given = std::make_shared<ReindexArguments>();
  args.flag("--fresh", &given->fresh, "begin anew; an embedded index is thrown away first");
  args.flag("--dry-run", &given->dry_run, "only say how much there is to do");
  args.option("--keep", &given->keep, "TIME", "keep the index before so long (24h); on an engine");
  args.option("--writers", &given->writers, "N", "bulks under way at once (3); on an engine");
  args.run([given](Console& console) { return reindex_all(console, *given); });
}

}  // namespace respring::cmd
