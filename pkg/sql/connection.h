#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/dialect.h"
#include "sql/error.h"
#include "sql/statement.h"

namespace respring::sql {

enum class Begin : std::uint8_t {
  read,   ///< one consistent view, no writes
  write,  ///< where the database allows one writer only, its turn is taken at once
};

/// A table, index or trigger and how it was made, in normal form.
struct SchemaObject {
  std::string name;
  std::string definition;
  bool operator==(const SchemaObject&) const = default;
};

/// A connection to one database. One thread at a time. Every call may block.
class Connection {
 public:
  virtual ~Connection() = default;

  /// The statement of that text, prepared once per connection. `other` while a Rows of the same
  /// text is still open.
  virtual Result<Statement*> prepare(std::string_view text) = 0;
  /// One statement that is run once (DDL): not kept.
  virtual Result<void> execute(std::string_view text) = 0;

  virtual Result<void> begin(Begin mode) = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() noexcept = 0;

  /// Rows the last INSERT, UPDATE or DELETE met.
  virtual std::int64_t changes() const = 0;
  virtual std::int64_t last_insert_id() const = 0;
  /// False once it failed so that it must be replaced.
  virtual bool usable() const = 0;
  /// Asks whether it still works, so that usable() tells the truth after a long pause; the answer
  /// is usable()'s.
  virtual bool check() noexcept { return usable(); }

  /// By what name the server knows this connection; empty where there is no server.
  virtual std::string session() const { return {}; }
  /// Ends what another connection of this user left open on the server: its transaction is then
  /// committed, or rolled back soon. No failure when it has gone already.
  virtual Result<void> end_session(std::string_view) { return success(); }
  /// Takes a turn among all processes that ask for this name in this database, up to unlock() or
  /// the connection's end; `busy` when it was not given in time. Nothing where a write transaction
  /// is that turn.
  virtual Result<void> lock(std::string_view, std::chrono::seconds) { return success(); }
  virtual void unlock(std::string_view) noexcept {}

  virtual const Dialect& dialect() const = 0;
  /// Ordered by name; without the migration runner's own table.
  virtual Result<std::vector<SchemaObject>> schema() = 0;
  virtual Result<bool> has_table(std::string_view name) = 0;
  /// What the database takes on its disk, about.
  virtual Result<std::int64_t> bytes() = 0;
  /// How many statements its server works on at this moment; 0 where there is no server.
  virtual Result<std::int64_t> threads_running() { return 0; }

  /// Starts a query; go on with next().
  template <class... Args>
  Result<Rows> query(std::string_view text, const Args&... args) {
    RESPRING_TRY(Statement * statement, prepare(text));
    bind_values(*statement, 1, args...);
    return Rows(*statement);
  }
  /// Runs a statement to its end; how many rows it met.
  template <class... Args>
  Result<std::int64_t> run(std::string_view text, const Args&... args) {
    RESPRING_TRY(Statement * statement, prepare(text));
    bind_values(*statement, 1, args...);
    const Rows done(*statement);
    RESPRING_TRYV(statement->step());
    return changes();
  }
};

/// Rolls back unless it was committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection, Begin mode) {
    RESPRING_TRYV(connection.begin(mode));
    return Transaction(connection);
  }
  ~Transaction() {
    if (connection_ != nullptr) connection_->rollback();
  }
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  Result<void> commit() {
    auto* connection = std::exchange(connection_, nullptr);
    auto result = connection->commit();
    if (!result) connection->rollback();
    return result;
  }

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace respring::sql
