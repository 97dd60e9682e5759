#pragma once

#include <optional>

#include "ops/reindex/reindex.h"
#include "respring/serve/data_dir.h"

namespace respring::cmd {

/// The journal of a reindexing in the data directory, so that one that was cut off goes on.
class ReindexJournal {
 public:
  explicit ReindexJournal(const DataDir& dir);

  /// Nothing when none was begun, or when what is there is damaged: begin anew then.
  std::optional<reindex::Checkpoint> load() const;
  /// Replaces it in one step.
  Result<void> save(const reindex::Checkpoint& checkpoint) const;
  void remove() const;

 private:
  std::filesystem::path path_;
};

}  // namespace respring::cmd
