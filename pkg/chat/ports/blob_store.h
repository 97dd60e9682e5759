#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace respring::chat {

/// Named byte strings: files, archived messages. Keys are path-like, `[a-z0-9._/-]`, at most 200
/// bytes, no `..`. Calls block: use a pool. Safe from any thread.
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
