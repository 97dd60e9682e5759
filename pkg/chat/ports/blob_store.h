#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace respring::chat {

inline constexpr std::size_t kMaxBlobBytes = 64 * 1024 * 1024;

/// Named byte strings: files, archived messages. Keys are as chat/blob_key.h has them, else
/// `invalid_request`. Calls block: use a pool. Safe from any thread. `payload_too_large` for a
/// value above kMaxBlobBytes.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Durable and complete under that key, or not there at all.
  virtual Result<void> put(std::string key, std::string bytes) = 0;
  virtual Result<std::string> get(std::string key) = 0;  ///< `not_found`
  virtual Result<void> remove(std::string key) = 0;      ///< success also when it is not there
  virtual Result<std::vector<std::string>> list(std::string prefix) = 0;  ///< sorted
};

}  // namespace respring::chat
