#include "respring/search/open_index.h"

#include <numeric>

#include "local/inspect.h"
#include "respring/account_command.h"
#include "respring/search/bus_events.h"
#include "respring/search/engine.h"
#include "respring/search/file_index.h"

namespace respring::cmd {

Exit fail_search(Console& console, const Error& error) {
  if (is_out_of_reach(error.code)) {
    return console.fail(Exit::unreachable, "search.unavailable", error.detail,
                        "look closer: respring doctor");
  }
  if (error.code == ErrorCode::conflict)
    return console.fail(Exit::refused, "search.refused", error.detail);
  return fail_command(console, error);
}

Result<OpenedIndex, Exit> open_index(Console& console, std::optional<int> generation) {
  RESPRING_TRY(auto site, open_site(console, Access::beside));
  auto shards = Shards::open(*site);
  if (!shards) return fail_command(console, shards.error());
  OpenedIndex opened{std::move(site), std::move(shards).value(), nullptr};
  if (has_engine(opened.site->settings)) {
    auto options = engine_of(opened.site->settings);
    if (!options) return fail_search(console, options.error());
    auto target = open_target(std::move(options).value(), generation);
    if (const auto visible = target->refresh(); !visible)
      return fail_search(console, visible.error());
    opened.indexed = std::move(target);
    return opened;
  }
  if (generation) {
    return console.fail(Exit::usage, "usage", "the embedded index has no generations");
  }
  auto file = open_existing(opened.site->dir, kSearchDatabase, true);
  if (!file) {
    return console.fail(Exit::failed, "search.missing", "search index: " + file.error().detail,
                        "make it: respring search reindex, or respring serve");
  }
  opened.file = std::move(file).value();
  opened.indexed = std::make_unique<FileIndex>(*opened.file);
  return opened;
}

namespace {

std::optional<std::int64_t> lag_on_cluster(const Settings& settings) {
  const auto options = cluster_of(settings);
  if (!options) return std::nullopt;
  const auto events = BusEvents::open(options.value());
  if (!events) return std::nullopt;
  const auto end = events.value()->end();
  const auto indexed = events.value()->indexed();
  if (!end || !indexed) return std::nullopt;
  return std::reduce(end.value().begin(), end.value().end(), std::int64_t{0}) -
         std::reduce(indexed.value().begin(), indexed.value().end(), std::int64_t{0});
}

}  // namespace

std::optional<std::int64_t> indexer_lag(const Site& site) {
  if (has_cluster(site.settings)) return lag_on_cluster(site.settings);
  const auto bus = open_existing(site.dir, kBusDatabase, true);
  if (!bus) return std::nullopt;
  const auto lags = local::group_lags(*bus.value());
  if (!lags) return std::nullopt;
  for (const local::GroupLag& lag : lags.value()) {
    if (lag.group == kIndexerGroup) return lag.behind;
  }
  return std::nullopt;
}

json::Value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::Value(*number) : json::Value();
}

}  // namespace respring::cmd
