#pragma once

#include <memory>
#include <string>

#include "mysql/dsn.h"
#include "sql/error.h"

// The library's names, which are not those of respring::sql.
namespace sql {
class Connection;
class SQLException;
}  // namespace sql

namespace respring::mysql {

/// To be called before the library is, on every thread: tells it of this thread once, and of its
/// end when that comes.
void enter_thread();

/// Logs in. `unavailable` with what repairs it.
respring::sql::Result<std::unique_ptr<::sql::Connection>> log_in(const Options& options);

/// What the library threw, as ours.
respring::sql::Failure failure_of(const ::sql::SQLException& thrown);

}  // namespace respring::mysql
