#include "respring/shard/shard_site.h"

#include <algorithm>
#include <charconv>

#include "respring/serve/platform.h"

namespace respring::cmd {
namespace {

std::optional<std::int32_t> number_in(std::string_view text) {
  std::int32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || number < 0 || number >= shardmap::kMostSlots) return std::nullopt;
  return number;
}

Error no_slots(const std::string& text) {
  return invalid("'" + text + "' names no slots: write 7, 1-20 or 1-20,33 of 0 to " +
                 std::to_string(shardmap::kHashedSlots - 1));
}

}  // namespace

Result<std::unique_ptr<ShardSite>, Exit> open_shard_site(Console& console,
                                                         std::chrono::milliseconds clean_delay) {
  auto all = std::make_unique<ShardSite>();
  RESPRING_TRY(all->site, open_site(console, Access::beside));
  const Settings& settings = all->site->settings;
  const auto meta = open_current(all->site->dir, {"meta", settings.stores.meta, "meta"}, false);
  if (!meta) return fail_shard(console, meta.error());
  for (const ShardSettings& shard : settings.stores.shards) all->names.push_back(shard.name);
  auto map = map_of(settings, all->site->dir);
  if (!map) return fail_shard(console, "shard map", map.error());
  all->map = std::move(map).value();
  all->clean_delay = clean_delay;
  auto news = MapNews::open(settings.redis);
  if (!news) return fail_shard(console, news.error());
  all->news = std::move(news).value();
  all->stores = all->make_stores();
  const auto connected = all->stores->meta();
  if (!connected) return fail_shard(console, connected.error());
  return all;
}

std::unique_ptr<MoveStores> ShardSite::make_stores() const {
  return std::make_unique<MoveStores>(fleet_of(site->dir, site->settings), clock, clean_delay,
                                      *news);
}

Exit fail_shard(Console& console, const Error& error, std::string_view hint) {
  const auto say = [&](Exit exit, std::string_view code) {
    return console.fail(exit, code, error.detail, hint);
  };
  switch (error.code) {
    case ErrorCode::conflict:
    case ErrorCode::not_found:
      return say(Exit::refused, "shard.refused");
    case ErrorCode::upstream_unavailable:
      return say(Exit::unreachable, "database.unavailable");
    case ErrorCode::invalid_request:
      return say(Exit::usage, "usage");
    default:
      return say(Exit::failed, "shard.failed");
  }
}

Exit fail_shard(Console& console, std::string_view database, const sql::Failure& failure) {
  return fail_shard(console, as_error(std::string(database), failure));
}

Result<std::vector<shardmap::Slot>> parse_slots(const std::string& text) {
  std::vector<shardmap::Slot> slots;
  std::string_view rest = text;
  while (true) {
    const auto comma = rest.find(',');
    const auto part = rest.substr(0, comma);
    const auto dash = part.find('-');
    const auto first = number_in(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number_in(part.substr(dash + 1));
    if (!first || !last || *last < *first) return no_slots(text);
    for (auto slot = *first; slot <= *last; ++slot) slots.push_back(shardmap::Slot{slot});
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  std::ranges::sort(slots);
  const auto again = std::ranges::unique(slots);
  slots.erase(again.begin(), again.end());
  return slots;
}

std::string text_of_slots(const std::vector<shardmap::Slot>& slots) {
  std::string text;
  for (std::size_t i = 0; i < slots.size();) {
    std::size_t end = i;
    while (end + 1 < slots.size() && slots[end + 1].value == slots[end].value + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(slots[i].value);
    if (end > i) text += '-' + std::to_string(slots[end].value);
    i = end + 1;
  }
  return text;
}

std::string text_of_pause(std::int64_t microseconds) {
  const auto tenths = (microseconds + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

}  // namespace respring::cmd
