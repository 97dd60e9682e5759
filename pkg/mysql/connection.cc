#include "mysql/connection.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>

#include <list>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "mysql/dialect.h"
#include "mysql/failure.h"
#include "mysql/schema.h"
#include "mysql/session.h"
#include "mysql/statement.h"

namespace respring::mysql {
namespace {

class MysqlConnection final : public sql::Connection {
 public:
  MysqlConnection(std::unique_ptr<::sql::Connection> library, std::size_t statement_limit)
      : library_(std::move(library)), statement_limit_(statement_limit) {}
  ~MysqlConnection() override {
    enter_thread();
    statements_.clear();
    library_.reset();
  }
  MysqlConnection(const MysqlConnection&) = delete;
  MysqlConnection& operator=(const MysqlConnection&) = delete;

  sql::Result<void> set_up(const Options& options);

  sql::Result<sql::Statement*> prepare(std::string_view text) override;
  sql::Result<void> execute(std::string_view text) override;
  sql::Result<void> begin(sql::Begin mode) override;
  sql::Result<void> commit() override;
  void rollback() noexcept override;

  std::int64_t changes() const override { return state_.changes; }
  std::int64_t last_insert_id() const override { return last_insert_id_(); }
  bool usable() const override { return !state_.lost && !in_transaction_; }
  bool check() noexcept override;
  std::string session() const override { return session_; }
  sql::Result<void> end_session(std::string_view session) override;
  sql::Result<void> lock(std::string_view name, std::chrono::seconds wait) override;
  void unlock(std::string_view name) noexcept override;
  const sql::Dialect& dialect() const override { return *dialect_; }
  sql::Result<std::vector<sql::SchemaObject>> schema() override { return read_schema(*this); }
  sql::Result<std::int64_t> bytes() override { return read_bytes(*this); }
  sql::Result<std::int64_t> threads_running() override { return read_threads_running(*this); }
  sql::Result<bool> has_table(std::string_view name) override { return is_in_schema(*this, name); }

 private:
  using Kept = std::pair<std::string, std::unique_ptr<MysqlStatement>>;
  using Recent = std::list<Kept>;  // the last used one first

  sql::Result<std::unique_ptr<MysqlStatement>> compile(std::string_view text);
  void forget_the_oldest();
  sql::Failure failed(const ::sql::SQLException& thrown);
  std::int64_t last_insert_id_() const;

  std::unique_ptr<::sql::Connection> library_;
  std::size_t statement_limit_;
  ConnectionState state_;
  Recent statements_;
  std::unordered_map<std::string_view, Recent::iterator> by_text_;  // the texts are in statements_
  const sql::Dialect* dialect_ = &mysql::dialect(Product::mysql);
  std::string session_;  // a lock of that name is held as long as the session is there
  bool in_transaction_ = false;
  std::optional<sql::Begin> isolation_;  // what the session is set to
};

sql::Failure MysqlConnection::failed(const ::sql::SQLException& thrown) {
  if (is_lost(thrown.getErrorCode())) state_.lost = true;
  return failure_of(thrown);
}

sql::Result<void> MysqlConnection::set_up(const Options& options) {
  RESPRING_TRYV(execute(
      "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', time_zone='+00:00', "
      "autocommit=1, innodb_lock_wait_timeout=" +
      std::to_string(options.lock_timeout.count()) +
      ", wait_timeout=" + std::to_string(options.idle_timeout.count())));
  session_ = "respring session " + new_uuid().str();
  RESPRING_TRY(auto rows, query("SELECT VERSION(), GET_LOCK(?, 0)", session_));
  RESPRING_TRYV(rows.next());
  dialect_ = &mysql::dialect(product_of(rows.view(0)));
  return success();
}

sql::Result<std::unique_ptr<MysqlStatement>> MysqlConnection::compile(std::string_view text) {
  enter_thread();
  try {
    std::unique_ptr<::sql::PreparedStatement> prepared(
        library_->prepareStatement(::sql::SQLString(text.data(), text.size())));
    return std::make_unique<MysqlStatement>(std::move(prepared), state_, text.ends_with(kKeepMark));
  } catch (const ::sql::SQLException& thrown) {
    return failed(thrown);
  } catch (const std::exception& thrown) {
    return sql::Failure{sql::Errc::other, thrown.what()};
  }
}

// One that is in use stays: its rows are being read.
void MysqlConnection::forget_the_oldest() {
  auto entry = statements_.end();
  while (statements_.size() > statement_limit_ && entry != statements_.begin()) {
    --entry;
    if (entry->second->in_use) continue;
    by_text_.erase(entry->first);
    entry = statements_.erase(entry);
  }
}

sql::Result<sql::Statement*> MysqlConnection::prepare(std::string_view text) {
  const auto found = by_text_.find(text);
  if (found != by_text_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
  } else {
    RESPRING_TRY(auto made, compile(text));
    statements_.emplace_front(std::string(text), std::move(made));
    by_text_.emplace(statements_.front().first, statements_.begin());
  }
  auto& statement = *statements_.front().second;
  if (statement.in_use)
    return sql::Failure{sql::Errc::other, "the statement is in use: " + std::string(text)};
  statement.in_use = true;
  forget_the_oldest();
  return &statement;
}

sql::Result<void> MysqlConnection::execute(std::string_view text) {
  enter_thread();
  try {
    const std::unique_ptr<::sql::Statement> statement(library_->createStatement());
    const bool has_rows = statement->execute(::sql::SQLString(text.data(), text.size()));
    if (has_rows) {
      const std::unique_ptr<::sql::ResultSet> rows(statement->getResultSet());
    } else {
      state_.changes = static_cast<std::int64_t>(statement->getUpdateCount());
    }
    return success();
  } catch (const ::sql::SQLException& thrown) {
    return failed(thrown);
  } catch (const std::exception& thrown) {
    return sql::Failure{sql::Errc::other, thrown.what()};
  }
}

sql::Result<void> MysqlConnection::begin(sql::Begin mode) {
  if (in_transaction_) return sql::Failure{sql::Errc::other, "a transaction is open already"};
  const bool reads = mode == sql::Begin::read;
  if (isolation_ != mode) {
    RESPRING_TRYV(execute(reads ? "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                                : "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
    isolation_ = mode;
  }
  RESPRING_TRYV(execute(reads ? "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
                              : "START TRANSACTION"));
  in_transaction_ = true;
  return success();
}

sql::Result<void> MysqlConnection::commit() {
  enter_thread();
  try {
    const std::unique_ptr<::sql::Statement> statement(library_->createStatement());
    statement->execute("COMMIT");
    in_transaction_ = false;
    return success();
  } catch (const ::sql::SQLException& thrown) {
    auto failure = failed(thrown);
    if (!certainly_not_committed(thrown.getErrorCode())) {
      state_.lost = true;
      failure.code = sql::Errc::commit_unknown;
    }
    return failure;
  } catch (const std::exception& thrown) {
    state_.lost = true;
    return sql::Failure{sql::Errc::commit_unknown, thrown.what()};
  }
}

void MysqlConnection::rollback() noexcept {
  if (!in_transaction_) return;
  in_transaction_ = false;
  if (state_.lost) return;  // the server rolls back what lost its connection
  if (!execute("ROLLBACK")) state_.lost = true;
}

bool MysqlConnection::check() noexcept {
  if (state_.lost) return false;
  enter_thread();
  try {
    if (!library_->isValid()) state_.lost = true;
  } catch (const std::exception&) {
    state_.lost = true;
  }
  return usable();
}

// Found by the lock it holds: the server gives the numbers of connections out again when it is
// started anew, and another one must not be ended.
sql::Result<void> MysqlConnection::end_session(std::string_view session) {
  std::int64_t number = 0;
  {
    RESPRING_TRY(auto rows, query("SELECT COALESCE(IS_USED_LOCK(?), 0)", session));
    RESPRING_TRYV(rows.next());
    number = rows.int64(0);
  }
  if (number == 0) return success();
  enter_thread();
  try {
    const std::unique_ptr<::sql::Statement> statement(library_->createStatement());
    statement->execute("KILL CONNECTION " + std::to_string(number));
    return success();
  } catch (const ::sql::SQLException& thrown) {
    constexpr int kNoSuchThread = 1094;
    if (thrown.getErrorCode() == kNoSuchThread) return success();
    return failed(thrown);
  }
}

sql::Result<void> MysqlConnection::lock(std::string_view name, std::chrono::seconds wait) {
  // Of the whole server, so the database's name is in it; longer ones than 64 are refused.
  RESPRING_TRY(auto rows, query("SELECT GET_LOCK(CONCAT(?, LEFT(SHA1(DATABASE()), 24)), ?)", name,
                                wait.count()));
  RESPRING_TRYV(rows.next());
  if (rows.int64(0) == 1) return success();
  return sql::Failure{sql::Errc::busy, "another process holds the lock " + std::string(name)};
}

void MysqlConnection::unlock(std::string_view name) noexcept {
  auto rows = query("DO RELEASE_LOCK(CONCAT(?, LEFT(SHA1(DATABASE()), 24)))", name);
  if (rows && !rows.assume_value().next()) state_.lost = true;
}

std::int64_t MysqlConnection::last_insert_id_() const {
  enter_thread();
  try {
    const std::unique_ptr<::sql::Statement> statement(library_->createStatement());
    const std::unique_ptr<::sql::ResultSet> rows(
        statement->executeQuery("SELECT LAST_INSERT_ID()"));
    return rows->next() ? rows->getInt64(1) : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace

sql::Result<std::unique_ptr<sql::Connection>> open(const Options& options) {
  RESPRING_TRY(auto library, log_in(options));
  auto connection = std::make_unique<MysqlConnection>(std::move(library), options.statement_limit);
  RESPRING_TRYV(connection->set_up(options));
  return std::unique_ptr<sql::Connection>(std::move(connection));
}

sql::Connect connector(Options options) {
  return [options = std::move(options)] { return open(options); };
}

}  // namespace respring::mysql
