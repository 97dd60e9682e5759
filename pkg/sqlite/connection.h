#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "sql/pool.h"

namespace respring::sqlite {

struct Options {
  std::string path;  ///< a file; `:memory:` is a database of this connection alone
  bool create = true;
  bool read_only = false;
  /// How long a writer waits for another one before `busy`.
  std::chrono::milliseconds busy_timeout{5000};
  std::int64_t cache_kib = 16 * 1024;  ///< page cache of this connection
  std::int64_t mmap_mib = 256;         ///< reads go through a memory map up to this size
  /// False only for what can be rebuilt (a search index): a power cut may then lose the last
  /// commits, never the file.
  bool durable = true;
};

/// Opens a connection: WAL, foreign keys on, deleted content overwritten. Commits are on disk when
/// commit() returns.
sql::Result<std::unique_ptr<sql::Connection>> open(const Options& options);

/// The same as a factory for sql::Pool.
sql::Connect connector(Options options);

}  // namespace respring::sqlite
