#pragma once

#include <string_view>

#include "mysql/dsn.h"
#include "sql/error.h"

namespace respring::mysql {

/// What an error number of the server (1000 …) or of the client library (2000 …) means. The
/// sentence holds no value of a row: the server's own message is only used where it has none.
sql::Failure failure_of(int number, std::string_view message);

/// The same for an attempt to connect: says where to, and what repairs it.
sql::Failure connect_failure(int number, std::string_view message, const Options& options);

/// The connection is of no use any more, and what became of the statement is not known.
bool is_lost(int number);

/// Whether a failed COMMIT has certainly had no effect.
bool certainly_not_committed(int number);

/// Of error 1062: was it the primary key?
bool names_primary_key(std::string_view message);

}  // namespace respring::mysql
