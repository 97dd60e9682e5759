#pragma once

#include <memory>
#include <optional>

#include "ops/reindex/verify.h"
#include "respring/shards.h"

namespace respring::cmd {

/// What comparing the index with the rooms needs; servers may work with all of it meanwhile.
struct OpenedIndex {
  std::unique_ptr<Site> site;
  Shards shards;
  std::unique_ptr<sql::Connection> file;        ///< of an embedded index
  std::unique_ptr<reindex::Indexed> indexed{};  ///< what the index says
};

/// On failure everything has been said. Nothing but an engine has generations.
Result<OpenedIndex, Exit> open_index(Console& console, std::optional<int> generation = {});

/// How many events the servers' indexer is behind; nothing when that is not known.
std::optional<std::int64_t> indexer_lag(const Site& site);

/// A failure of the index or of what it is made from: 5 for a server that is away, 4 for what is
/// refused, else 2.
Exit fail_search(Console& console, const Error& error);

json::Value number_or_null(const std::optional<std::int64_t>& number);

}  // namespace respring::cmd
