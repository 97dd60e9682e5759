#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ops/reindex/source.h"

namespace respring::reindex {

/// What the index says; calls block.
class Indexed {
 public:
  virtual ~Indexed() = default;
  virtual Result<std::int64_t> count(RoomId room) = 0;  ///< without tombstones
  struct Entry {
    Version version = 0;
    bool live = false;
  };
  virtual Result<std::optional<Entry>> find(RoomId room, Seq seq) = 0;
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
};
inline constexpr std::size_t kMostDifferences = 200;

struct VerifyOptions {
  int sample = 20;    ///< messages at each end of a room that are compared one by one
  bool full = false;  ///< every message
  std::optional<RoomId> room{};
  Place from{};                 ///< rooms behind this place …
  std::int64_t most_rooms = 0;  ///< … and only so many; 0: all
  std::function<void(const Verdict&)> on_progress = [](const Verdict&) {};
};

/// Compares counts of every room and the versions of some or all messages. What is written
/// meanwhile may show as a difference: compare again after the index has caught up.
Result<Verdict> verify(Source& source, Indexed& index, const VerifyOptions& options);

}  // namespace respring::reindex
