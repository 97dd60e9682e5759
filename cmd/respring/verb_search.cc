// `respring search …`: the search index against the room logs it is made from.
#include <iostream>

#include "local/inspect.h"
#include "respring/account_command.h"
#include "respring/configuration.h"
#include "respring/progress.h"
#include "respring/search/engine_commands.h"
#include "respring/search/log_source.h"
#include "respring/search/open_index.h"
#include "respring/search/reindex_job.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

Exit embedded_status(Console& console) {
  RESPRING_TRY(auto opened, open_index(console));
  LogSource source(opened.shards);
  const auto extent = source.extent();
  if (!extent) return fail_command(console, extent.error());
  const auto total = local::indexed_total(*opened.file);
  if (!total) return fail_database(console, "search index", total.error());
  const auto lag = indexer_lag(*opened.site);
  const auto job = ReindexJournal(opened.site->dir).load();
  const std::string under_way =
      job ? "job " + job->job + ", " + std::to_string(job->rooms) + " rooms done" : "none";
  const Table table{{},
                    {{"backend", "fts5, search.db"},
                     {"documents", with_commas(total.value())},
                     {"messages sent", with_commas(extent.value().messages)},
                     {"rooms", with_commas(extent.value().rooms)},
                     {"events behind", lag ? with_commas(*lag) : "not known"},
                     {"unfinished reindex", under_way}}};
  json::Object data = {{"backend", "fts5"},
                       {"documents", total.value()},
                       {"messages_sent", extent.value().messages},
                       {"rooms", extent.value().rooms},
                       {"lag", number_or_null(lag)}};
  data.emplace_back("job", job ? json::Value(job->job) : json::Value());
  console.print(json::Value(std::move(data)), table);
  console.note(job ? "  next: respring search reindex goes on with it"
                   : "  next: respring search verify compares it with the room logs");
  return Exit::ok;
}

Exit status(Console& console) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  return has_engine(settings) ? engine_status(console) : embedded_status(console);
}

struct VerifyArguments {
  std::string room;
  std::int64_t generation = 0;
  std::int64_t sample = 20;
  bool full = false;
};

Exit print_verdict(Console& console, const reindex::Verdict& verdict,
                   const std::optional<std::int64_t>& lag) {
  json::Array data;
  Table table{{"message", "difference"}, {}};
  for (const reindex::Difference& d : verdict.differences) {
    const std::string place = d.room.str() + (d.seq > 0 ? ":" + std::to_string(d.seq) : "");
    data.push_back(json::Object{{"room", d.room.str()}, {"seq", d.seq}, {"what", d.what}});
    table.rows.push_back({place, d.what});
  }
  const std::string compared = with_commas(verdict.rooms) + " rooms, " +
                               with_commas(verdict.compared) + " messages one by one";
  const bool agree = verdict.found == 0;
  const std::string human = agree ? "the index agrees: " + compared
                                  : with_commas(verdict.found) + " differences in " + compared +
                                        "\n" + render_table(table);
  console.print(json::Object{{"agree", agree},
                             {"rooms", verdict.rooms},
                             {"compared", verdict.compared},
                             {"found", verdict.found},
                             {"differences", std::move(data)},
                             {"lag", number_or_null(lag)}},
                human);
  if (agree) return Exit::ok;
  console.note(lag.value_or(0) > 0
                   ? "  the index is " + with_commas(*lag) + " events behind: compare again later"
                   : "  repair: respring search reindex");
  return Exit::findings;
}

Exit verify(Console& console, const VerifyArguments& given) {
  reindex::VerifyOptions options;
  options.full = given.full;
  if (given.sample < 0 || given.sample > 100'000) {
    return console.fail(Exit::usage, "usage", "--sample is 0 to 100000");
  }
  options.sample = static_cast<int>(given.sample);
  if (!given.room.empty()) {
    options.room = RoomId::parse(given.room);
    if (!options.room)
      return console.fail(Exit::usage, "usage", "'" + given.room + "' is no room id");
  }
  const auto generation =
      given.generation > 0 ? std::optional(static_cast<int>(given.generation)) : std::nullopt;
  RESPRING_TRY(auto opened, open_index(console, generation));
  LogSource source(opened.shards);
  const auto lag = indexer_lag(*opened.site);
  Progress progress(console, std::cerr, "verify", "rooms", 0);
  options.on_progress = [&](const reindex::Verdict& verdict) { progress.update(verdict.rooms); };
  const auto verdict = reindex::verify(source, *opened.indexed, options);
  progress.finish();
  if (!verdict) return fail_search(console, verdict.error());
  if (options.room && verdict.value().rooms == 0) {
    return console.fail(Exit::failed, "room.unknown", "there is no open room " + given.room);
  }
  return print_verdict(console, verdict.value(), lag);
}

Exit rollback(Console& console, const EngineReindex& given) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  if (has_engine(settings)) return roll_back_engine(console, given);
  return console.fail(Exit::refused, "search.no_rollback",
                      "the embedded index has no older generation to go back to",
                      "build it anew instead: respring search reindex");
}

Exit prune(Console& console, bool dry_run) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  if (has_engine(settings)) return prune_engine(console, dry_run);
  console.print(json::Object{{"dry_run", dry_run}, {"removed", json::Array{}}},
                "the embedded index has no older generations");
  return Exit::ok;
}

void add_verify(Arguments& args) {
  auto given = std::make_shared<VerifyArguments>();
  args.option("--room", &given->room, "ROOM", "this room only");
  args.option("--sample", &given->sample, "N", "messages at each end of a room, one by one (20)");
  args.flag("--full", &given->full, "every message one by one");
  args.option("--generation", &given->generation, "N",
              "this generation of an engine's index (0: the one that serves)");
  args.run([given](Console& console) { return verify(console, *given); });
}

void add_rollback(Arguments& args) {
  auto given = std::make_shared<EngineReindex>();
  args.flag("--dry-run", &given->dry_run, "only say what would serve");
  args.run([given](Console& console) { return rollback(console, *given); });
}

void add_prune(Arguments& args) {
  auto dry_run = std::make_shared<bool>(false);
  args.flag("--dry-run", dry_run.get(), "only say what would be removed");
  args.run([dry_run](Console& console) { return prune(console, *dry_run); });
}

}  // namespace

void make_search(Arguments& args) {
  make_reindex(args.command("reindex", {"build the index anew from the room logs",
                                        "대화 기록에서 검색 색인을 다시 만듭니다"}));
  args.command("status", {"how much is indexed, and how far behind", "색인 상태를 보여 줍니다"})
      .run(status);
  add_verify(args.command(
      "verify", {"compare the index with the room logs", "색인이 대화 기록과 같은지 확인합니다"}));
  add_rollback(args.command(
      "rollback", {"go back to the index before the last reindex", "이전 색인으로 되돌립니다"}));
  add_prune(args.command(
      "prune", {"remove old indices that are kept no longer", "보관 기간이 지난 색인을 지웁니다"}));
}

}  // namespace respring::cmd
