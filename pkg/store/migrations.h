#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sql/connection.h"

/// Brings a database to the schema this program was built for. The files are those of migrations/,
/// carried inside the program. Every statement is recorded with a hash that covers all before it,
/// so a crash resumes where it happened and a changed file is noticed.
namespace respring::store {

struct MigrationFile {
  int version = 0;  ///< 1, 2, … without a hole
  std::string name;
  std::string text;  ///< statements, each ended by `;`; `--` comments
};

struct MigrationSet {
  std::string database;  ///< `meta`, `user`, `room`, `message`, `notification`
  std::vector<MigrationFile> files;
};

/// The set of that database as built into this program; empty for an unknown name.
const MigrationSet& built_in_migrations(std::string_view database);

struct MigrationStatus {
  int applied = 0;                   ///< version of the last file that is in completely
  int latest = 0;                    ///< version this program carries
  bool partial = false;              ///< the file after `applied` was begun
  std::vector<std::string> pending;  ///< names of files that are not in completely
};

struct PlannedStatement {
  std::string file;
  int number = 0;  ///< within the file, from 1
  std::string text;
};

/// Errors of all four, besides the database's: `newer_schema` when the database knows migrations
/// this program does not, `changed_schema` when an applied one differs from the file.
sql::Result<MigrationStatus> migration_status(sql::Connection& database, const MigrationSet& set);
sql::Result<std::vector<PlannedStatement>> migration_plan(sql::Connection& database,
                                                          const MigrationSet& set);
/// Of those the ones that could copy or lock a table which is in use: DDL on a table that is there
/// and that does not say ALGORITHM=INSTANT or ALGORITHM=INPLACE. None where a table's DDL takes
/// part in transactions.
sql::Result<std::vector<PlannedStatement>> copying_statements(sql::Connection& database,
                                                              const MigrationSet& set);
/// Applies what is missing; safe to repeat and to run in several processes at once.
sql::Result<MigrationStatus> migrate(sql::Connection& database, const MigrationSet& set);
/// Pending migrations of `phase: contract` take away what older programs still use. One sentence
/// for each such program that has used this database since `since`; none: they may be applied.
sql::Result<std::vector<std::string>> contract_hindrances(sql::Connection& database,
                                                          const MigrationSet& set, Time since);
/// A program that uses a database.
struct SchemaUser {
  std::string node;
  int latest = 0;  ///< the migration up to which it knows the schema
};
/// One that was not seen for so long is taken for ended.
inline constexpr std::chrono::seconds kSchemaUserLives{60};
/// Those seen since `since` that do not know migration `version`, by name.
sql::Result<std::vector<SchemaUser>> older_schema_users(sql::Connection& database, int version,
                                                        Time since);
/// A program that uses the database says up to which migration it knows; again and again while it
/// lives. Nothing where no migration has run with such a program yet.
sql::Result<void> note_schema_user(sql::Connection& database, const MigrationSet& set,
                                   const std::string& node, Time now);
sql::Result<void> forget_schema_user(sql::Connection& database, const std::string& node);
/// Compares the real schema with a fresh one made on `scratch` (an empty database). One sentence
/// per difference; none: they agree.
sql::Result<std::vector<std::string>> verify_schema(sql::Connection& database,
                                                    sql::Connection& scratch,
                                                    const MigrationSet& set);

/// The statements of a migration without comments and the ending `;`.
std::vector<std::string> split_statements(std::string_view text);

}  // namespace respring::store
