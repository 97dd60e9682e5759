// `respring search …`: the search index against the room logs it is made from.
#include <iostream>

#include "local/inspect.h"
#include "respring/account_command.h"
#include "respring/progress.h"
#include "respring/search/reindex_job.h"
#include "respring/search/search_source.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

constexpr std::string_view kGroup = "search-index";

/// What reading the index needs; a server may work with all of it meanwhile.
struct Opened {
  std::unique_ptr<Site> site;
  Shards shards;
  std::unique_ptr<sql::Connection> index;
};

Result<Opened, Exit> open_index(Console& console) {
  RESPRING_TRY(auto site, open_site(console, Access::beside));
  auto shards = Shards::open(*site);
  if (!shards) return fail_command(console, shards.error());
  auto index = open_existing(site->dir, kSearchDatabase, true);
  if (!index) {
    return console.fail(Exit::failed, "search.missing", "search index: " + index.error().detail,
                        "make it: respring search reindex, or respring serve");
  }
  return Opened{std::move(site), std::move(shards).value(), std::move(index).value()};
}

/// How far the indexer is behind the events; nothing when that is not known.
std::optional<std::int64_t> lag_of(const DataDir& dir) {
  const auto bus = open_existing(dir, kBusDatabase, true);
  if (!bus) return std::nullopt;
  const auto lags = local::group_lags(*bus.value());
  if (!lags) return std::nullopt;
  for (const local::GroupLag& lag : lags.value()) {
    if (lag.group == kGroup) return lag.behind;
  }
  return std::nullopt;
}

json::Value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::Value(*number) : json::Value();
}

Exit status(Console& console) {
  RESPRING_TRY(auto opened, open_index(console));
  SearchSource source(opened.shards, *opened.index);
  const auto extent = source.extent();
  if (!extent) return fail_command(console, extent.error());
  const auto total = local::indexed_total(*opened.index);
  if (!total) return fail_database(console, "search index", total.error());
  const auto lag = lag_of(opened.site->dir);
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

struct VerifyArguments {
  std::string room;
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
  RESPRING_TRY(auto opened, open_index(console));
  SearchSource source(opened.shards, *opened.index);
  const auto lag = lag_of(opened.site->dir);
  Progress progress(console, std::cerr, "verify", "rooms", 0);
  options.on_progress = [&](const reindex::Verdict& verdict) { progress.update(verdict.rooms); };
  const auto verdict = reindex::verify(source, source, options);
  progress.finish();
  if (!verdict) return fail_command(console, verdict.error());
  if (options.room && verdict.value().rooms == 0) {
    return console.fail(Exit::failed, "room.unknown", "there is no open room " + given.room);
  }
  return print_verdict(console, verdict.value(), lag);
}

Exit rollback(Console& console) {
  return console.fail(Exit::refused, "search.no_rollback",
                      "the embedded index has no older generation to go back to",
                      "build it anew instead: respring search reindex");
}

void add_verify(Arguments& args) {
  auto given = std::make_shared<VerifyArguments>();
  args.option("--room", &given->room, "ROOM", "this room only");
  args.option("--sample", &given->sample, "N", "messages at each end of a room, one by one (20)");
  args.flag("--full", &given->full, "every message one by one");
  args.run([given](Console& console) { return verify(console, *given); });
}

}  // namespace

void make_search(Arguments& args) {
  make_reindex(
      args.command("reindex", {"build the index anew from the room logs; no server may run",
                               "검색 색인을 다시 만듭니다 (서버를 멈춘 뒤)"}));
  args.command("status", {"how much is indexed, and how far behind", "색인 상태를 보여 줍니다"})
      .run(status);
  add_verify(args.command(
      "verify", {"compare the index with the room logs", "색인이 대화 기록과 같은지 확인합니다"}));
  args.command("rollback",
               {"go back to the index before the last reindex", "이전 색인으로 되돌립니다"})
      .run(rollback);
}

}  // namespace respring::cmd
