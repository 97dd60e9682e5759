#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "chat/ports/blob_store.h"

namespace respring::archive {

/// What a shard says of a segment.
struct Noted {
  RoomId room;
  Seq first_seq = 0;
  Seq last_seq = 0;
  std::string key;
  std::int64_t bytes = 0;
};

/// One shard's notes. Calls block; one thread.
class Notes {
 public:
  virtual ~Notes() = default;
  /// The segment behind the last one that was given; nothing at the end.
  virtual Result<std::optional<Noted>> next() = 0;
  /// Whether the object holds what the shard says of the last segment given; nothing is wrong, or
  /// what is, in a sentence.
  virtual Result<std::optional<std::string>> compare(const std::string& object) = 0;
  /// Every object it has noted as one to be removed.
  virtual Result<std::vector<std::string>> announced() = 0;
  /// Whether a segment names it or it is to be removed, at this moment. Slow.
  virtual Result<bool> knows(const std::string& key) = 0;
};

struct Fault {
  std::optional<RoomId> room;  ///< of an object that nobody knows nothing
  std::string what;
};

struct Verdict {
  std::int64_t segments = 0;
  std::int64_t bytes = 0;
  std::vector<Fault> faults;
};

/// Compares all shards' notes with the objects below `prefix`. `quick`: only whether each is there.
Result<Verdict> verify(std::vector<std::unique_ptr<Notes>>& shards, chat::BlobStore& blobs,
                       const std::string& prefix, bool quick,
                       const std::function<void(const Verdict&)>& on_progress);

}  // namespace respring::archive
