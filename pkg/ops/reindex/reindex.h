#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ops/reindex/source.h"

namespace respring::reindex {

enum class Stage : std::uint8_t { rooms, leftovers, done };
std::string_view name_of(Stage stage);

/// How far a walk is: everything up to and including `after` is indexed.
struct Checkpoint {
  std::string job;  ///< an id for people
  Time begun{};
  Stage stage = Stage::rooms;
  Place after;
  RoomId cleared;  ///< of Stage::leftovers: up to this one
  std::int64_t rooms = 0;
  std::int64_t documents = 0;
  bool operator==(const Checkpoint&) const = default;
};
std::string to_json(const Checkpoint& checkpoint);
/// `invalid_request` for anything else.
Result<Checkpoint> checkpoint_from(std::string_view text);

struct Hooks {
  /// Called after each batch of documents and each room.
  std::function<void(const Checkpoint&)> on_progress = [](const Checkpoint&) {};
  /// True ends the walk at the next batch; it can go on later.
  std::function<bool()> stopping = [] { return false; };
};

/// Goes on from there until Stage::done, or until it is to stop. Blocks. On failure `checkpoint`
/// says how far it came.
Result<void> run(Source& source, chat::SearchIndex& index, Checkpoint& checkpoint,
                 const Hooks& hooks);

}  // namespace respring::reindex
