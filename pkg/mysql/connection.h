#pragma once

#include <memory>

#include "mysql/dsn.h"
#include "sql/pool.h"

namespace respring::mysql {

/// Connects and sets the session up: strict, UTC, utf8mb4, the lock time-out. `unavailable` with
/// one sentence that says what repairs it.
sql::Result<std::unique_ptr<sql::Connection>> open(const Options& options);

/// The same as a factory for sql::Pool.
sql::Connect connector(Options options);

}  // namespace respring::mysql
