#include "mysql/schema.h"

#include <map>
#include <string>

namespace respring::mysql {
namespace {

using Definitions = std::map<std::string, std::string>;

sql::Result<void> add_columns(sql::Connection& connection, Definitions& objects) {
  RESPRING_TRY(
      auto rows,
      connection.query("SELECT table_name, column_name, column_type, is_nullable, "
                       "COALESCE(collation_name, ''), COALESCE(column_default, ''), extra FROM "
                       "information_schema.columns WHERE table_schema=DATABASE() AND "
                       "table_name NOT IN ('schema_migration','schema_user') ORDER BY table_name, "
                       "ordinal_position"));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return success();
    auto& definition = objects[rows.text(0)];
    for (int column = 1; column < 7; ++column) definition.append(rows.view(column)).append(" ");
    definition += "\n";
  }
}

// A primary key belongs to its table's definition, other keys are objects of their own.
sql::Result<void> add_keys(sql::Connection& connection, Definitions& objects) {
  RESPRING_TRY(auto rows,
               connection.query("SELECT table_name, index_name, non_unique, column_name, "
                                "COALESCE(sub_part, 0) FROM information_schema.statistics WHERE "
                                "table_schema=DATABASE() AND table_name NOT IN "
                                "('schema_migration','schema_user') ORDER BY "
                                "table_name, index_name, seq_in_index"));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return success();
    const auto table = rows.text(0);
    const auto key = rows.text(1);
    auto& definition = objects[key == "PRIMARY" ? table : key];
    definition += key + " of " + table + (rows.int64(2) != 0 ? " " : " unique ") + rows.text(3) +
                  " " + std::to_string(rows.int64(4)) + "\n";
  }
}

}  // namespace

sql::Result<std::vector<sql::SchemaObject>> read_schema(sql::Connection& connection) {
  Definitions found;
  RESPRING_TRYV(add_columns(connection, found));
  RESPRING_TRYV(add_keys(connection, found));
  std::vector<sql::SchemaObject> objects;
  for (auto& [name, definition] : found) objects.push_back({name, std::move(definition)});
  return objects;
}

sql::Result<bool> is_in_schema(sql::Connection& connection, std::string_view table) {
  RESPRING_TRY(auto rows, connection.query("SELECT 1 FROM information_schema.tables WHERE "
                                           "table_schema=DATABASE() AND table_name=?",
                                           table));
  return rows.next();
}

sql::Result<std::int64_t> read_bytes(sql::Connection& connection) {
  RESPRING_TRY(auto rows,
               connection.query("SELECT CAST(COALESCE(SUM(data_length+index_length),0) AS SIGNED) "
                                "FROM information_schema.tables WHERE table_schema=DATABASE()"));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

sql::Result<std::int64_t> read_threads_running(sql::Connection& connection) {
  RESPRING_TRY(auto rows, connection.query("SHOW GLOBAL STATUS LIKE 'Threads_running'"));
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.int64(1) : 0;
}

}  // namespace respring::mysql
