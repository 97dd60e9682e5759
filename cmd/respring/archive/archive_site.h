#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chat/ports/blob_store.h"
#include "respring/shard/shard_site.h"

namespace respring::cmd {

/// What every `respring archive …` works with. A server may run on it meanwhile.
struct ArchiveSite {
  std::unique_ptr<ShardSite> shards;
  std::unique_ptr<chat::BlobStore> blobs;

  /// Those meant by `--shard`, all without it.
  Result<std::vector<std::string>> names(const std::string& shard) const;
  /// Where the blobs lie, for people.
  std::string place() const { return place_of_blobs(shards->site->dir, shards->site->settings); }
};

/// On failure everything has been said.
Result<std::unique_ptr<ArchiveSite>, Exit> open_archive_site(Console& console);

/// An error of these commands: 5 for a blob store or database that is away, 4 for what is refused.
Exit fail_archive(Console& console, const Error& error, std::string_view hint = {});

/// `12.4 MiB`.
std::string text_of_bytes(std::int64_t bytes);

}  // namespace respring::cmd
