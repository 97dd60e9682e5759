#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "ops/reindex/source.h"

namespace respring::reindex {

/// How far each partition of the events is: the next one to read.
using Positions = std::vector<std::int64_t>;

enum class Phase : std::uint8_t {
  scanning,   ///< the rooms are being written
  following,  ///< all rooms are in it, the events since the beginning are being added
  switching,  ///< it is to serve, or serves already; the last events are missing
  complete,
};
std::string_view name_of(Phase phase);

/// What a generation of the index remembers of itself, so that any process can go on with it.
struct Build {
  std::string job;  ///< an id for people
  Time begun{};
  Phase phase = Phase::scanning;
  Mark done{};                       ///< of scanning: everything up to here is in it
  std::int64_t documents = 0;        ///< written so far
  Positions events{};                ///< from here on events may be missing
  std::optional<Time> kept_until{};  ///< of one that was replaced
  bool operator==(const Build&) const = default;
};
json::Value to_json(const Build& build);
/// `invalid_request` for anything else.
Result<Build> build_from(const json::Value& value);

/// What whoever started the work wants to hear and to say. Called on his thread.
struct BuildHooks {
  std::function<void(const Build&)> on_progress = [](const Build&) {};
  /// True ends the work at the next good place; it can go on later.
  std::function<bool()> stopping = [] { return false; };
};

}  // namespace respring::reindex
