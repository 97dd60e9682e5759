#pragma once

#include "sql/error.h"

struct sqlite3;

namespace respring::sqlite {

/// What a failed call means, with SQLite's own sentence.
sql::Failure failure_of(sqlite3* db, int code);

bool is_io_error(int extended_code);

}  // namespace respring::sqlite
