#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "chat/ports/blob_store.h"

namespace respring::archive {

/// A range of a room's log on its way to the blob store.
struct Piece {
  RoomId room;
  Seq first_seq = 0;
  Seq last_seq = 0;
  std::int64_t messages = 0;
  std::string key;     ///< of its object, never used before
  std::string object;  ///< its bytes

  std::int64_t events() const { return last_seq - first_seq + 1; }
};

/// What became of a piece that was to leave the tables.
enum class Fate : std::uint8_t {
  archived,
  changed,  ///< somebody wrote to it meanwhile: it stays, and may go the next time
  moving,   ///< its slot is on its way: likewise
  late,     ///< too much time has passed since it was announced: likewise
};

/// One shard's rooms. Calls block; one thread.
class Shard {
 public:
  virtual ~Shard() = default;
  /// The piece behind the last one that was given; nothing at the end.
  virtual Result<std::optional<Piece>> next() = 0;
  /// Notes the object as one that may be removed unless it is committed soon.
  virtual Result<void> announce(const Piece& piece) = 0;
  /// Of the last piece given, whose object is there: in one transaction its events leave the tables
  /// and its place is noted.
  virtual Result<Fate> commit(const Piece& piece) = 0;
  /// Objects that nobody needs; at most some, nothing when there are none left.
  virtual Result<std::vector<std::string>> garbage() = 0;
  virtual Result<void> forget(const std::vector<std::string>& keys) = 0;
};

/// What was done on one shard; with `dry_run` what would be.
struct Report {
  std::int64_t segments = 0;
  std::int64_t events = 0;
  std::int64_t messages = 0;
  std::int64_t bytes = 0;    ///< of the objects
  std::int64_t left = 0;     ///< pieces that somebody was at
  std::int64_t removed = 0;  ///< objects that nobody needed
  bool finished = false;     ///< else it was stopped
};

struct Hooks {
  std::function<bool()> stopping = [] { return false; };
  std::function<void(const Report&)> on_progress = [](const Report&) {};
};

/// Archives piece after piece until there is none left or the hooks say to stop, which leaves
/// nothing half done. Dies safely at any point: what was begun is garbage to the next run. Errors
/// are those of the shard and the blob store; `internal` when an object does not read as it was
/// written.
Result<Report> run(Shard& shard, chat::BlobStore& blobs, bool dry_run, const Hooks& hooks);

}  // namespace respring::archive
