#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ops/reindex/source.h"

namespace respring::reindex {

/// What the index says; calls block. Many are asked for at once: an index may be far away.
class Indexed {
 public:
  virtual ~Indexed() = default;
  /// Of each room, up to its `last_seq`, without tombstones.
  virtual Result<std::vector<std::int64_t>> counts(const std::vector<Room>& rooms) = 0;
  struct Entry {
    Version version = 0;
    std::optional<std::string> text;  ///< nothing: a tombstone
  };
  virtual Result<std::vector<std::optional<Entry>>> find(
      const std::vector<chat::SearchHit>& messages) = 0;
};

struct Difference {
  RoomId room;
  Seq seq = 0;  ///< 0: the room as a whole
  std::string what;
  bool operator==(const Difference&) const = default;
};

struct Verdict {
  std::int64_t rooms = 0;
  std::int64_t compared = 0;            ///< messages that were looked at one by one
  std::vector<Difference> differences;  ///< the first kMostDifferences
  std::int64_t found = 0;               ///< all of them
  std::vector<Room> differing;          ///< rooms, the first kMostDifferingRooms
};
inline constexpr std::size_t kMostDifferences = 200;
/// Of a busy platform every room that was written to while it was compared.
inline constexpr std::size_t kMostDifferingRooms = 200'000;

struct VerifyOptions {
  int sample = 20;    ///< messages at each end of a room that are compared one by one
  bool full = false;  ///< every message
  std::optional<RoomId> room{};
  Place from{};                 ///< rooms behind this place …
  std::int64_t most_rooms = 0;  ///< … and only so many; 0: all
  std::function<void(const Verdict&)> on_progress = [](const Verdict&) {};
};

/// Compares counts of every room, and versions and texts of some or all messages. What is written
/// meanwhile may show as a difference: compare again after the index has caught up.
Result<Verdict> verify(Source& source, Indexed& index, const VerifyOptions& options);
/// The same of these rooms, up to their `last_seq`.
Result<Verdict> verify_rooms(Source& source, Indexed& index, const std::vector<Room>& rooms,
                             const VerifyOptions& options);

}  // namespace respring::reindex
