#pragma once

#include <memory>

#include "ops/reindex/events.h"
#include "ops/reindex/scan.h"
#include "ops/reindex/verify.h"

namespace respring::reindex {

/// One of the indices that an engine has under the index's name.
struct Generation {
  int number = 0;
  std::string name;
  bool serving = false;
  bool readable = false;         ///< made with the terms of this program
  std::optional<Build> build{};  ///< nothing: made by a server
};

/// One generation to write to and to compare with, whether it serves or not.
class Target : public chat::SearchIndex, public Indexed {
 public:
  /// Makes visible what was written.
  virtual Result<void> refresh() = 0;
};

/// An engine that can hold several generations of the index beside each other. Calls block.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<std::vector<Generation>> list() = 0;  ///< oldest first
  virtual Result<Generation> create(const Build& build) = 0;
  /// Replaces what the generation remembers of itself.
  virtual Result<void> note(int number, const Build& build) = 0;
  /// The one that is searched and written to from now on; in one step.
  virtual Result<void> serve(int number) = 0;
  virtual Result<void> remove(int number) = 0;
  virtual Result<std::unique_ptr<Target>> open(int number) = 0;
};

struct RebuildOptions {
  bool fresh = false;                                      ///< begin anew instead of going on
  std::chrono::milliseconds keep{std::chrono::hours(24)};  ///< the old generation
  ScanOptions scan{};
  int sample = 5;  ///< of verify
  BuildHooks hooks{};
  std::function<void(std::string_view)> on_step = [](std::string_view) {};
};

struct Rebuilt {
  enum class End { done, stopped, differs };
  End end = End::done;
  Generation generation;  ///< with its build
  bool resumed = false;
  Verdict verdict{};
};

/// Builds a new generation beside the one that serves, lets it serve, and keeps the old one:
///
///   create    the positions of the events are remembered
///   scanning  every room is written, with versions, so that nothing older replaces what is newer
///   following the events since the beginning are added, and all of it is compared with the rooms
///   switching the old one remembers what it has, the new one serves, and the events that may have
///             gone to the old one until then are added
///   complete
///
/// Killed anywhere, the next call goes on. Without events (null) nothing may be written meanwhile.
Result<Rebuilt> rebuild(Engine& engine, Source& source, Events* events, const Clock& clock,
                        const RebuildOptions& options);

/// Lets the newest of the kept generations serve again, after it got the events since it was
/// replaced; the one it replaces is kept in turn. `conflict` when there is none.
Result<Rebuilt> roll_back(Engine& engine, Source& source, Events* events, const Clock& clock,
                          const RebuildOptions& options);
/// The one that roll_back() would choose.
std::optional<Generation> kept_generation(const std::vector<Generation>& generations);
/// The one that rebuild() would go on with.
std::optional<Generation> unfinished_generation(const std::vector<Generation>& generations);

/// Removes generations that are not kept any longer; their names.
Result<std::vector<std::string>> prune(Engine& engine, Time now);

}  // namespace respring::reindex
