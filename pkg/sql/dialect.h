#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace respring::sql {

/// The few places where the databases' SQL differs.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;  ///< `sqlite`, `mysql`

  /// What follows the VALUES of an INSERT so that a row with these keys gets the new values.
  virtual std::string on_conflict_update(std::initializer_list<std::string_view> keys,
                                         std::initializer_list<std::string_view> columns) const = 0;
  /// The same so that a row with these keys stays as it is; the change count is then 0. They are
  /// the table's primary key, the INSERT is of one row, and this ends it.
  virtual std::string on_conflict_keep(std::initializer_list<std::string_view> keys) const = 0;
  /// What follows a SELECT whose rows must not change until the end of the transaction …
  virtual std::string_view for_share() const = 0;
  /// … or will be changed by it.
  virtual std::string_view for_update() const = 0;

  /// The same, but `busy` at once when another transaction holds the row.
  virtual std::string_view for_update_nowait() const = 0;

  /// What follows a table's name in a SELECT, so that it looks at the rows of its primary keys
  /// alone: if it locks, it would wait for whatever else it looked at.
  virtual std::string_view by_primary_key() const = 0;

  /// How many rows one statement should carry at most: 1 where a statement costs no round trip.
  virtual std::size_t rows_at_once() const = 0;
  /// How many connections should write to one database at the same time.
  virtual std::size_t writers() const = 0;

  /// Several nodes may work on one database at the same time.
  virtual bool shared() const = 0;

  /// DDL takes part in transactions.
  virtual bool transactional_ddl() const = 0;
  /// Replaces `{{auto_id}}` (a key column's type) and `{{clustered}}` (behind a CREATE TABLE whose
  /// rows are to lie in the order of the primary key) in a migration; and what says that DDL must
  /// not hold up writes: `{{instant}}` behind an ALTER TABLE, `{{online}}` behind a CREATE INDEX.
  virtual std::string expand(std::string migration) const = 0;
};

/// Replaces every `from`.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace respring::sql
