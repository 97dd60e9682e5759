#pragma once

#include <string_view>
#include <vector>

#include "sql/connection.h"

namespace respring::mysql {

/// Tables and their secondary indexes, by name, as information_schema tells.
sql::Result<std::vector<sql::SchemaObject>> read_schema(sql::Connection& connection);

sql::Result<bool> is_in_schema(sql::Connection& connection, std::string_view table);

/// Of the tables and their indexes, as the server last counted.
sql::Result<std::int64_t> read_bytes(sql::Connection& connection);
sql::Result<std::int64_t> read_threads_running(sql::Connection& connection);

}  // namespace respring::mysql
