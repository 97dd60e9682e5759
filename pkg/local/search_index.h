#pragma once

#include <cstddef>
#include <memory>

#include "chat/ports/search_index.h"
#include "sql/pool.h"

namespace respring::local {

struct SearchIndexOptions {
  sql::Connect connect;           ///< to a SQLite database with migrations/search, FTS5
  std::size_t readers = 2;        ///< searches at the same time
  std::size_t queue_limit = 256;  ///< searches that wait; more are `overloaded`
  /// So many of the newest matches are ranked by how well they match; older ones follow by age.
  std::size_t ranked = 1000;
};

/// The search index in SQLite's FTS5. It keeps a copy of each text, so what it hands out has been
/// checked by chat::match already, and SearchQuery::offset counts matches.
///
/// The tables must be there (migrations/search). A count() of 0 beside full room logs means that it
/// is to be made again from them. Opening blocks.
Result<std::unique_ptr<chat::SearchIndex>> open_search_index(SearchIndexOptions options);

}  // namespace respring::local
