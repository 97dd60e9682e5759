// What is looked at before migrations run: what they could hold up, and whom they would hurt.
#include <algorithm>

#include "store/migrations.h"

namespace respring::store {
namespace {

bool is_contract(const MigrationFile& file) {
  const auto line = std::string_view(file.text).substr(0, file.text.find('\n'));
  return line.starts_with("-- phase: contract");
}

// The table that `ALTER TABLE t …` or `CREATE INDEX i ON t …` is about; empty for other statements.
std::string table_of(std::string_view statement) {
  std::string_view rest;
  if (statement.starts_with("ALTER TABLE ")) rest = statement.substr(12);
  const bool index =
      statement.starts_with("CREATE INDEX ") || statement.starts_with("CREATE UNIQUE INDEX ");
  const auto on = statement.find(" ON ");
  if (index && on != std::string_view::npos) rest = statement.substr(on + 4);
  return std::string(rest.substr(0, rest.find_first_of(" (\n")));
}

// A table that the same file makes is used by nobody yet, also when the file was begun before.
bool makes_itself(const MigrationSet& set, const std::string& file, const std::string& table) {
  const auto found = std::ranges::find(set.files, file, &MigrationFile::name);
  if (found == set.files.end()) return false;
  const std::string begin = "CREATE TABLE " + table;
  return std::ranges::any_of(split_statements(found->text), [&](const std::string& statement) {
    return statement.starts_with(begin + " ") || statement.starts_with(begin + "(");
  });
}

}  // namespace

sql::Result<std::vector<PlannedStatement>> copying_statements(sql::Connection& database,
                                                              const MigrationSet& set) {
  std::vector<PlannedStatement> copying;
  if (database.dialect().transactional_ddl()) return copying;
  RESPRING_TRY(auto plan, migration_plan(database, set));
  for (auto& statement : plan) {
    const auto table = table_of(statement.text);
    const bool says = statement.text.find("ALGORITHM=INSTANT") != std::string::npos ||
                      statement.text.find("ALGORITHM=INPLACE") != std::string::npos;
    if (table.empty() || says || makes_itself(set, statement.file, table)) continue;
    RESPRING_TRY(const bool there, database.has_table(table));
    if (there) copying.push_back(std::move(statement));
  }
  return copying;
}

sql::Result<std::vector<SchemaUser>> older_schema_users(sql::Connection& database, int version,
                                                        Time since) {
  std::vector<SchemaUser> users;
  RESPRING_TRY(const bool known, database.has_table("schema_user"));
  if (!known) return users;
  RESPRING_TRY(auto rows, database.query("SELECT node, latest FROM schema_user WHERE latest<? AND "
                                         "seen_at>=? ORDER BY node",
                                         version, since));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return users;
    users.push_back({rows.text(0), static_cast<int>(rows.int64(1))});
  }
}

sql::Result<std::vector<std::string>> contract_hindrances(sql::Connection& database,
                                                          const MigrationSet& set, Time since) {
  std::vector<std::string> sentences;
  RESPRING_TRY(const auto status, migration_status(database, set));
  const MigrationFile* contract = nullptr;  // the last one asks for most
  for (const auto& file : set.files) {
    if (file.version > status.applied && is_contract(file)) contract = &file;
  }
  if (contract == nullptr) return sentences;
  RESPRING_TRY(const auto older, older_schema_users(database, contract->version, since));
  for (const SchemaUser& user : older) {
    sentences.push_back(contract->name + " takes away what older programs use, and " + user.node +
                        " is one and alive: it knows migration " + std::to_string(user.latest));
  }
  return sentences;
}

sql::Result<void> note_schema_user(sql::Connection& database, const MigrationSet& set,
                                   const std::string& node, Time now) {
  RESPRING_TRY(const bool there, database.has_table("schema_user"));
  if (!there) return success();
  const int latest = set.files.empty() ? 0 : set.files.back().version;
  const auto text = "INSERT INTO schema_user (node, latest, seen_at) VALUES (?,?,?)" +
                    database.dialect().on_conflict_update({"node"}, {"latest", "seen_at"});
  RESPRING_TRYV(database.run(text, node, latest, now));
  constexpr auto kForgotten = std::chrono::hours(24);  // those that were killed
  RESPRING_TRYV(database.run("DELETE FROM schema_user WHERE seen_at<?", now - kForgotten));
  return success();
}

sql::Result<void> forget_schema_user(sql::Connection& database, const std::string& node) {
  RESPRING_TRY(const bool there, database.has_table("schema_user"));
  if (!there) return success();
  RESPRING_TRYV(database.run("DELETE FROM schema_user WHERE node=?", node));
  return success();
}

}  // namespace respring::store
