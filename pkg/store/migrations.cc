#include "store/migrations.h"

#include <sodium.h>

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "base/failpoint.h"

namespace respring::store {
namespace {

using Position = std::pair<int, int>;  // version, statement number

struct Step {
  Position position;
  const MigrationFile* file = nullptr;
  std::string text;
  std::string chain;  // hash over this and all earlier statements
};

struct Record {
  std::string chain;
  bool done = false;
};

std::string chained(std::string_view before, int version, std::string_view text) {
  const std::string input =
      std::string(before) + "\n" + std::to_string(version) + "\n" + std::string(text);
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(input.data()), input.size());
  char hex[crypto_hash_sha256_BYTES * 2 + 1];
  sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
  return hex;
}

std::vector<Step> steps_of(const MigrationSet& set) {
  std::vector<Step> steps;
  std::string chain;
  for (const auto& file : set.files) {
    int number = 0;
    for (auto& text : split_statements(file.text)) {
      chain = chained(chain, file.version, text);
      steps.push_back({{file.version, ++number}, &file, std::move(text), chain});
    }
  }
  return steps;
}

sql::Result<std::map<Position, Record>> records(sql::Connection& database) {
  std::map<Position, Record> found;
  RESPRING_TRY(const bool exists, database.has_table("schema_migration"));
  if (!exists) return found;
  RESPRING_TRY(auto rows, database.query("SELECT version, statement_no, chain, state FROM "
                                         "schema_migration"));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return found;
    found[{static_cast<int>(rows.int64(0)), static_cast<int>(rows.int64(1))}] = {
        rows.text(2), rows.view(3) == "done"};
  }
}

// The steps that are not done yet, after checking that those done are ours.
sql::Result<std::vector<Step>> missing(sql::Connection& database, const MigrationSet& set) {
  RESPRING_TRY(auto known, records(database));
  std::vector<Step> open;
  for (auto& step : steps_of(set)) {
    const auto found = known.find(step.position);
    const bool done = found != known.end() && found->second.done;
    if (found != known.end() && found->second.chain != step.chain)
      return sql::Failure{sql::Errc::changed_schema,
                          "migration " + step.file->name + " of the " + set.database +
                              " database was applied with other contents"};
    if (found != known.end()) known.erase(found);
    if (!done) open.push_back(std::move(step));
  }
  if (!known.empty())
    return sql::Failure{sql::Errc::newer_schema,
                        "the " + set.database + " database has migration " +
                            std::to_string(known.rbegin()->first.first) +
                            ", which this program does not know: use a newer program"};
  return open;
}

MigrationStatus status_of(const MigrationSet& set, const std::vector<Step>& open) {
  MigrationStatus status;
  status.latest = set.files.empty() ? 0 : set.files.back().version;
  status.applied = open.empty() ? status.latest : open.front().position.first - 1;
  status.partial = !open.empty() && open.front().position.second > 1;
  for (const auto& step : open) {
    if (status.pending.empty() || status.pending.back() != step.file->name)
      status.pending.push_back(step.file->name);
  }
  return status;
}

sql::Result<void> record(sql::Connection& database, const Step& step, std::string_view state) {
  static constexpr std::string_view kInsert =
      "INSERT INTO schema_migration (version, statement_no, name, chain, state, at) "
      "VALUES (?,?,?,?,?,?)";
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto text = std::string(kInsert) + database.dialect().on_conflict_update(
                                               {"version", "statement_no"}, {"state", "at"});
  RESPRING_TRYV(database.run(text, step.position.first, step.position.second, step.file->name,
                             step.chain, state, now));
  return success();
}

/// Where tests let it die: `migrate.VERSION.STATEMENT.WHEN`.
void passed(const Step& step, std::string_view when) {
  failpoint("migrate." + std::to_string(step.position.first) + "." +
            std::to_string(step.position.second) + "." + std::string(when));
}

enum class State : std::uint8_t { none, intent, done };

sql::Result<State> state_of(sql::Connection& database, const Step& step) {
  RESPRING_TRY(auto rows, database.query("SELECT state FROM schema_migration WHERE version=? AND "
                                         "statement_no=?",
                                         step.position.first, step.position.second));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return State::none;
  return rows.view(0) == "done" ? State::done : State::intent;
}

sql::Result<void> execute(sql::Connection& database, const Step& step) {
  auto executed = database.execute(database.dialect().expand(step.text));
  if (executed) return executed;
  auto failure = std::move(executed).assume_error();
  failure.detail = step.file->name + ", statement " + std::to_string(step.position.second) + ": " +
                   failure.detail;
  return failure;
}

// Where DDL takes part in transactions, the steps of one file come together or not at all.
sql::Result<void> apply_together(sql::Connection& database, const std::vector<Step>& open,
                                 const MigrationFile* file) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(database, sql::Begin::write));
  for (const auto& step : open) {
    if (step.file != file) continue;
    RESPRING_TRY(const auto state, state_of(database, step));
    if (state == State::done) continue;  // another process was faster
    RESPRING_TRYV(execute(database, step));
    RESPRING_TRYV(record(database, step, "done"));
  }
  return transaction.commit();
}

bool is_ddl(std::string_view text) {
  for (const std::string_view word : {"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE"}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

// Whole or not at all by itself, but its record is not part of it: so there is one before, too.
// When that one is of an earlier run, whatever the statement makes may be there already.
sql::Result<void> apply_ddl(sql::Connection& database, const Step& step, State before) {
  if (before == State::none) {
    RESPRING_TRYV(record(database, step, "intent"));
  }
  passed(step, "intent");
  auto executed = execute(database, step);
  passed(step, "executed");
  if (!executed) {
    const bool was_done =
        before == State::intent && executed.assume_error().code == sql::Errc::exists;
    const bool certain = database.usable();
    if (!was_done && certain) {
      RESPRING_TRYV(database.run("DELETE FROM schema_migration WHERE version=? AND statement_no=?",
                                 step.position.first, step.position.second));
    }
    if (!was_done) return executed;
  }
  return record(database, step, "done");
}

sql::Result<void> apply_one(sql::Connection& database, const Step& step) {
  RESPRING_TRY(const auto before, state_of(database, step));
  if (before == State::done) return success();
  passed(step, "before");
  if (is_ddl(step.text)) return apply_ddl(database, step, before);
  RESPRING_TRY(auto transaction, sql::Transaction::begin(database, sql::Begin::write));
  RESPRING_TRYV(execute(database, step));
  RESPRING_TRYV(record(database, step, "done"));
  return transaction.commit();
}

sql::Result<void> apply_file(sql::Connection& database, const std::vector<Step>& open,
                             const MigrationFile* file) {
  if (database.dialect().transactional_ddl()) return apply_together(database, open, file);
  for (const auto& step : open) {
    if (step.file != file) continue;
    RESPRING_TRYV(apply_one(database, step));
  }
  return success();
}

sql::Result<void> ensure_table(sql::Connection& database) {
  return database.execute(database.dialect().expand(
      "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER NOT NULL, statement_no INTEGER "
      "NOT NULL, name VARCHAR(128) NOT NULL, chain VARCHAR(64) NOT NULL, state VARCHAR(8) NOT "
      "NULL, at BIGINT NOT NULL, PRIMARY KEY (version, statement_no))"));
}

sql::Result<void> ensure_user_table(sql::Connection& database) {
  return database.execute(database.dialect().expand(
      "CREATE TABLE IF NOT EXISTS schema_user (node VARCHAR(128) NOT NULL PRIMARY KEY, latest "
      "INTEGER NOT NULL, seen_at BIGINT NOT NULL)"));
}

}  // namespace

std::vector<std::string> split_statements(std::string_view text) {
  std::vector<std::string> statements;
  std::string current;
  bool quoted = false;
  const auto finish = [&] {
    const auto first = current.find_first_not_of(" \n\t\r");
    const auto last = current.find_last_not_of(" \n\t\r");
    if (first != std::string::npos) statements.push_back(current.substr(first, last - first + 1));
    current.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (!quoted && text.substr(i, 2) == "--") {
      i = std::min(text.find('\n', i), text.size());
      current += '\n';
    } else if (!quoted && text[i] == ';') {
      finish();
    } else {
      current += text[i];
    }
  }
  finish();
  return statements;
}

sql::Result<MigrationStatus> migration_status(sql::Connection& database, const MigrationSet& set) {
  RESPRING_TRY(const auto open, missing(database, set));
  return status_of(set, open);
}

sql::Result<std::vector<PlannedStatement>> migration_plan(sql::Connection& database,
                                                          const MigrationSet& set) {
  RESPRING_TRY(const auto open, missing(database, set));
  std::vector<PlannedStatement> plan;
  for (const auto& step : open)
    plan.push_back({step.file->name, step.position.second, database.dialect().expand(step.text)});
  return plan;
}

namespace {

// To be done by one process at a time; others find it done.
sql::Result<void> apply_missing(sql::Connection& database, const MigrationSet& set) {
  RESPRING_TRYV(ensure_table(database));
  RESPRING_TRYV(ensure_user_table(database));
  RESPRING_TRY(const auto open, missing(database, set));
  for (const auto& file : set.files) {
    RESPRING_TRYV(apply_file(database, open, &file));
  }
  return success();
}

}  // namespace

sql::Result<MigrationStatus> migrate(sql::Connection& database, const MigrationSet& set) {
  constexpr std::string_view kTurn = "respring migrations ";
  RESPRING_TRY(const auto open, missing(database, set));
  RESPRING_TRY(const bool has_users, database.has_table("schema_user"));
  if (!open.empty() || !has_users) {
    RESPRING_TRYV(database.lock(kTurn, std::chrono::seconds(60)));
    auto applied = apply_missing(database, set);
    database.unlock(kTurn);
    RESPRING_TRYV(std::move(applied));
  }
  return migration_status(database, set);
}

sql::Result<std::vector<std::string>> verify_schema(sql::Connection& database,
                                                    sql::Connection& scratch,
                                                    const MigrationSet& set) {
  std::vector<std::string> differences;
  RESPRING_TRY(const auto open, missing(database, set));
  for (const auto& name : status_of(set, open).pending)
    differences.push_back("migration " + name + " is not applied");
  RESPRING_TRYV(migrate(scratch, set));
  RESPRING_TRY(const auto real, database.schema());
  RESPRING_TRY(const auto expected, scratch.schema());
  std::map<std::string, std::string> left;
  for (const auto& object : real) left[object.name] = object.definition;
  for (const auto& object : expected) {
    const auto found = left.find(object.name);
    if (found == left.end()) {
      differences.push_back(object.name + " is missing");
      continue;
    }
    if (found->second != object.definition)
      differences.push_back(object.name + " differs from the migrations");
    left.erase(found);
  }
  for (const auto& [name, definition] : left)
    differences.push_back(name + " is not of the migrations");
  return differences;
}

}  // namespace respring::store
