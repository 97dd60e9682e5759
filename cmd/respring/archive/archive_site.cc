#include "respring/archive/archive_site.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace respring::cmd {

Result<std::vector<std::string>> ArchiveSite::names(const std::string& shard) const {
  if (shard.empty()) return shards->names;
  if (std::ranges::find(shards->names, shard) == shards->names.end())
    return invalid("'" + shard + "' is not among stores.shards");
  return std::vector{shard};
}

Result<std::unique_ptr<ArchiveSite>, Exit> open_archive_site(Console& console) {
  auto site = std::make_unique<ArchiveSite>();
  RESPRING_TRY(site->shards, open_shard_site(console));
  auto blobs = open_blobs(site->shards->site->dir, site->shards->site->settings);
  if (!blobs) return fail_archive(console, blobs.error());
  site->blobs = std::move(blobs).value();
  return site;
}

Exit fail_archive(Console& console, const Error& error, std::string_view hint) {
  switch (error.code) {
    case ErrorCode::upstream_unavailable:
      return console.fail(Exit::unreachable, "archive.unavailable", error.detail, hint);
    case ErrorCode::conflict:
    case ErrorCode::not_found:
      return console.fail(Exit::refused, "archive.refused", error.detail, hint);
    case ErrorCode::invalid_request:
      return console.fail(Exit::usage, "usage", error.detail, hint);
    default:
      return console.fail(Exit::failed, "archive.failed", error.detail, hint);
  }
}

std::string text_of_bytes(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < kUnits.size(); ++unit) number /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", number, kUnits[unit]);
  return text.data();
}

}  // namespace respring::cmd
