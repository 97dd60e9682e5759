#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "chat/ports/blob_store.h"

namespace respring::local {

struct BlobStoreOptions {
  std::filesystem::path folder;  ///< made when it is missing; several processes may use it
  std::size_t max_bytes = chat::kMaxBlobBytes;  ///< of one value
};

/// Blobs as files of a folder: the key is the path below it. put() writes beside, makes it durable
/// and renames, so that after a power cut the old or the new value is there, never half of one.
///
/// Besides the port's: `invalid_request` for a bad key, `payload_too_large` for a value or file
/// above max_bytes, `conflict` where a key would need a file and a folder of one name, `internal`
/// when the disk is full or fails.
Result<std::unique_ptr<chat::BlobStore>> open_blob_store(BlobStoreOptions options);

}  // namespace respring::local
