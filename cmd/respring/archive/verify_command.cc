#include <iostream>

#include "respring/archive/archive_shards.h"
#include "respring/archive/archive_site.h"
#include "respring/archive/commands.h"
#include "respring/progress.h"

namespace respring::cmd {
namespace {

/// What the shards say they have there.
Result<std::vector<std::pair<std::string, store::ArchiveTotals>>> totals_of(ArchiveSite& site) {
  std::vector<std::pair<std::string, store::ArchiveTotals>> all;
  for (const auto& name : site.shards->names) {
    RESPRING_TRY(auto* db, site.shards->stores->shard(name));
    const auto totals = store::archive_totals(*db);
    if (!totals) return as_error(name, totals.error());
    all.emplace_back(name, totals.value());
  }
  return all;
}

Exit status(Console& console) {
  RESPRING_TRY(const auto site, open_archive_site(console));
  const auto all = totals_of(*site);
  if (!all) return fail_archive(console, all.error());
  json::Array shards;
  Table table{{"shard", "rooms", "segments", "events", "size", "to remove"}, {}};
  for (const auto& [name, totals] : all.value()) {
    shards.push_back(json::Object{{"shard", name},
                                  {"rooms", totals.rooms},
                                  {"segments", totals.segments},
                                  {"events", totals.events},
                                  {"messages", totals.messages},
                                  {"bytes", totals.bytes},
                                  {"garbage", totals.garbage}});
    table.rows.push_back({name, with_commas(totals.rooms), with_commas(totals.segments),
                          with_commas(totals.events), text_of_bytes(totals.bytes),
                          with_commas(totals.garbage)});
  }
  console.print(json::Object{{"blobs", site->place()}, {"shards", std::move(shards)}}, table);
  return Exit::ok;
}

Exit verify(Console& console, bool quick) {
  RESPRING_TRY(const auto site, open_archive_site(console));
  const auto totals = totals_of(*site);
  if (!totals) return fail_archive(console, totals.error());
  std::int64_t segments = 0;
  for (const auto& [name, one] : totals.value()) segments += one.segments;
  std::vector<std::unique_ptr<archive::Notes>> notes;
  for (const auto& name : site->shards->names) {
    auto* db = site->shards->stores->shard(name).value();
    notes.push_back(std::make_unique<ArchiveNotes>(name, *db));
  }
  Progress bar(console, std::cerr, "compare", "segments", segments);
  const auto on_progress = [&](const archive::Verdict& so_far) { bar.update(so_far.segments); };
  const auto verdict =
      archive::verify(notes, *site->blobs, std::string(store::kArchivePrefix), quick, on_progress);
  bar.finish();
  if (!verdict) return fail_archive(console, verdict.error());
  json::Array faults;
  Table table{{"room", "finding"}, {}};
  for (const auto& [room, what] : verdict.value().faults) {
    const std::string id = room ? room->str() : "";
    faults.push_back(json::Object{{"room", id}, {"finding", what}});
    table.rows.push_back({room ? id : "-", what});
  }
  const bool agree = table.rows.empty();
  const auto said =
      with_commas(verdict.value().segments) + " segments, " + text_of_bytes(verdict.value().bytes);
  console.print(json::Object{{"agree", agree},
                             {"segments", verdict.value().segments},
                             {"bytes", verdict.value().bytes},
                             {"findings", std::move(faults)}},
                agree ? said + ": shards and blob store agree" : render_table(table));
  if (agree) return Exit::ok;
  console.note("  an object that is missing or damaged comes back from the blob store's backup");
  return Exit::findings;
}

}  // namespace

void add_archive_status(Arguments& archive) {
  Arguments& showing = archive.command(
      "status", {"what lies in the blob store", "보관소에 있는 메시지를 보여 줍니다"});
  showing.run([](Console& console) { return status(console); });
}

void add_archive_verify(Arguments& archive) {
  Arguments& verifying =
      archive.command("verify", {"hold the shards and the blob store against each other",
                                 "샤드와 보관소가 맞는지 확인합니다"});
  auto quick = std::make_shared<bool>(false);
  verifying.flag("--quick", quick.get(), "only whether each object is there, not what is in it");
  verifying.run([quick](Console& console) { return verify(console, *quick); });
}

}  // namespace respring::cmd
