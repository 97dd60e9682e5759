#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "elasticsearch/client.h"

namespace respring::elasticsearch {

/// One index of those that were made under a name.
struct Generation {
  int number = 0;
  std::string index;      ///< NAME-v3
  bool serving = false;   ///< the alias leads here
  bool readable = false;  ///< made with the terms of this program
  json::Value build{};    ///< what its builder noted, an object; null: nothing
};

/// The generations of an index, oldest first, and what is done with them: build a new one beside
/// the one that serves, switch, switch back, remove. Coroutines on the client's loop.
namespace generations {

Task<Result<std::vector<Generation>>> list(Client& client, const Options& options,
                                           Deadline deadline);
/// A new, empty one; it serves only if `serving`, else `build` is noted in it and it does not
/// become visible by itself. `conflict` when another process made one at the same time.
Task<Result<Generation>> create(Client& client, const Options& options, bool serving,
                                json::Value build, Deadline deadline);
/// Replaces what was noted in it.
Task<Result<void>> note(Client& client, const Options& options, int number, json::Value build,
                        Deadline deadline);
/// Leads the alias from what it leads to, to this one, in one step; `replaced` are then removed in
/// the same step.
Task<Result<void>> serve(Client& client, const Options& options, int number,
                         std::vector<int> replaced, Deadline deadline);
/// `conflict` for one that serves.
Task<Result<void>> remove(Client& client, const Options& options, int number, Deadline deadline);

/// Looks whether the engine can be used and has the index; makes template and first generation if
/// they are missing. `upstream_unavailable` with what is to be done.
Task<Result<Engine>> prepare(Client& client, const Options& options, Deadline deadline);

}  // namespace generations

/// The same for commands: each call blocks. One thread at a time.
class Generations {
 public:
  explicit Generations(Options options);
  ~Generations();

  Result<std::vector<Generation>> list();
  Result<Generation> create(json::Value build = {});
  Result<void> note(int number, json::Value build);
  Result<void> serve(int number);
  Result<void> remove(int number);

 private:
  struct Parts;
  std::unique_ptr<Parts> p_;
};

}  // namespace respring::elasticsearch
