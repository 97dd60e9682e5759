#include "sqlite/connection.h"

#include <sqlite3.h>

#include <unordered_map>

#include "sqlite/dialect.h"
#include "sqlite/failure.h"

namespace respring::sqlite {
namespace {

class SqliteStatement final : public sql::Statement {
 public:
  SqliteStatement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  ~SqliteStatement() override { sqlite3_finalize(statement_); }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  bool in_use = false;

  void bind_null(int i) override { check(sqlite3_bind_null(statement_, i)); }
  void bind_int64(int i, std::int64_t v) override { check(sqlite3_bind_int64(statement_, i, v)); }
  void bind_double(int i, double v) override { check(sqlite3_bind_double(statement_, i, v)); }
  void bind_text(int i, std::string_view v) override {
    // An empty view may have no data, which SQLite would take for NULL.
    check(sqlite3_bind_text64(statement_, i, v.empty() ? "" : v.data(), v.size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8));
  }
  void bind_blob(int i, std::string_view v) override {
    check(
        sqlite3_bind_blob64(statement_, i, v.empty() ? "" : v.data(), v.size(), SQLITE_TRANSIENT));
  }

  sql::Result<bool> step() override {
    if (bind_error_ != SQLITE_OK)
      return sql::Failure{sql::Errc::other, "a parameter could not be bound"};
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return failure_of(db_, code);
  }
  void reset() noexcept override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    bind_error_ = SQLITE_OK;
    in_use = false;
  }

  bool is_null(int c) const override { return sqlite3_column_type(statement_, c) == SQLITE_NULL; }
  std::int64_t int64(int c) const override { return sqlite3_column_int64(statement_, c); }
  double real(int c) const override { return sqlite3_column_double(statement_, c); }
  std::string_view bytes(int c) const override {
    const void* data = sqlite3_column_blob(statement_, c);
    const int size = sqlite3_column_bytes(statement_, c);
    return data == nullptr ? std::string_view()
                           : std::string_view(static_cast<const char*>(data), size);
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) bind_error_ = code;
  }

  sqlite3* db_;
  sqlite3_stmt* statement_;
  int bind_error_ = SQLITE_OK;
};

class SqliteConnection final : public sql::Connection {
 public:
  explicit SqliteConnection(sqlite3* db) : db_(db) {}
  ~SqliteConnection() override {
    statements_.clear();
    sqlite3_close_v2(db_);
  }
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  sql::Result<sql::Statement*> prepare(std::string_view text) override {
    auto found = statements_.find(text);
    if (found == statements_.end()) {
      RESPRING_TRY(auto made, compile(text, SQLITE_PREPARE_PERSISTENT));
      found = statements_.emplace(std::string(text), std::move(made)).first;
    }
    auto& statement = *found->second;
    if (statement.in_use)
      return sql::Failure{sql::Errc::other, "the statement is in use: " + std::string(text)};
    statement.in_use = true;
    return &statement;
  }

  sql::Result<void> execute(std::string_view text) override {
    RESPRING_TRY(auto statement, compile(text, 0));
    bool more = true;
    while (more) {
      RESPRING_TRY(more, statement->step());
    }
    return success();
  }

  sql::Result<void> begin(sql::Begin mode) override {
    return simple(mode == sql::Begin::write ? "BEGIN IMMEDIATE" : "BEGIN");
  }

  sql::Result<void> commit() override {
    auto result = simple("COMMIT");
    if (result) return result;
    auto failure = std::move(result).assume_error();
    if (is_io_error(sqlite3_extended_errcode(db_))) {
      // The frames may or may not be found by the next recovery of the log.
      usable_ = false;
      failure.code = sql::Errc::commit_unknown;
    }
    return failure;
  }

  void rollback() noexcept override {
    if (sqlite3_get_autocommit(db_) != 0) return;  // it was rolled back by the failure itself
    if (!simple("ROLLBACK")) usable_ = false;
  }

  std::int64_t changes() const override { return sqlite3_changes64(db_); }
  std::int64_t last_insert_id() const override { return sqlite3_last_insert_rowid(db_); }
  bool usable() const override { return usable_ && sqlite3_get_autocommit(db_) != 0; }
  const sql::Dialect& dialect() const override { return sqlite::dialect(); }

  sql::Result<std::vector<sql::SchemaObject>> schema() override {
    RESPRING_TRY(auto rows, query("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND "
                                  "name NOT LIKE 'sqlite_%' AND tbl_name NOT IN "
                                  "('schema_migration','schema_user') "
                                  "ORDER BY name"));
    std::vector<sql::SchemaObject> objects;
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) return objects;
      objects.push_back({rows.text(0), rows.text(1)});
    }
  }

  sql::Result<bool> has_table(std::string_view name) override {
    RESPRING_TRY(auto rows,
                 query("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?", name));
    return rows.next();
  }

  sql::Result<std::int64_t> bytes() override {
    RESPRING_TRY(auto rows, query("SELECT page_count * page_size FROM pragma_page_count(), "
                                  "pragma_page_size()"));
    RESPRING_TRYV(rows.next());
    return rows.int64(0);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  sql::Result<std::unique_ptr<SqliteStatement>> compile(std::string_view text, unsigned flags) {
    sqlite3_stmt* raw = nullptr;
    const int code =
        sqlite3_prepare_v3(db_, text.data(), static_cast<int>(text.size()), flags, &raw, nullptr);
    if (code != SQLITE_OK) return failure_of(db_, code);
    return std::make_unique<SqliteStatement>(db_, raw);
  }

  sql::Result<void> simple(std::string_view text) {
    RESPRING_TRY(auto* statement, prepare(text));
    const sql::Rows done(*statement);
    RESPRING_TRYV(statement->step());
    return success();
  }

  sqlite3* db_;
  bool usable_ = true;
  std::unordered_map<std::string, std::unique_ptr<SqliteStatement>, Hash, std::equal_to<>>
      statements_;
};

sql::Result<void> configure(sql::Connection& connection, const Options& options) {
  const std::string settings[] = {
      "PRAGMA page_size=8192",
      "PRAGMA journal_mode=WAL",
      std::string("PRAGMA synchronous=") + (options.durable ? "FULL" : "NORMAL"),
      "PRAGMA foreign_keys=ON",
      "PRAGMA secure_delete=ON",
      "PRAGMA temp_store=MEMORY",
      "PRAGMA wal_autocheckpoint=2000",
      "PRAGMA journal_size_limit=67108864",
      "PRAGMA cache_size=-" + std::to_string(options.cache_kib),
      "PRAGMA mmap_size=" + std::to_string(options.mmap_mib << 20),
  };
  for (const auto& setting : settings) {
    if (options.read_only && setting.find("journal_mode") != std::string::npos) continue;
    RESPRING_TRYV(connection.execute(setting));
  }
  return success();
}

}  // namespace

sql::Result<std::unique_ptr<sql::Connection>> open(const Options& options) {
  sqlite3* db = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (options.create && !options.read_only) flags |= SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(options.path.c_str(), &db, flags, nullptr);
  auto connection = std::make_unique<SqliteConnection>(db);  // closes it on every way out
  if (code != SQLITE_OK) {
    auto failure = failure_of(db, code);
    failure.detail = options.path + ": " + failure.detail;
    return failure;
  }
  sqlite3_busy_timeout(db, static_cast<int>(options.busy_timeout.count()));
  auto configured = configure(*connection, options);
  if (!configured) {
    auto failure = std::move(configured).assume_error();
    failure.detail = options.path + ": " + failure.detail;
    return failure;
  }
  return std::unique_ptr<sql::Connection>(std::move(connection));
}

sql::Connect connector(Options options) {
  return [options = std::move(options)] { return open(options); };
}

}  // namespace respring::sqlite
