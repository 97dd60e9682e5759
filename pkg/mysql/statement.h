#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/statement.h"

// The library's names, which are not those of respring::sql.
namespace sql {
class PreparedStatement;
class ResultSet;
}  // namespace sql

namespace respring::mysql {

/// What a connection's statements tell it.
struct ConnectionState {
  bool lost = false;
  std::int64_t changes = 0;
};

/// A statement prepared on the server. Its rows are fetched whole by the first step().
class MysqlStatement final : public sql::Statement {
 public:
  MysqlStatement(std::unique_ptr<::sql::PreparedStatement> prepared, ConnectionState& state,
                 bool keeps);
  ~MysqlStatement() override;
  MysqlStatement(const MysqlStatement&) = delete;
  MysqlStatement& operator=(const MysqlStatement&) = delete;

  bool in_use = false;

  void bind_null(int index) override;
  void bind_int64(int index, std::int64_t value) override;
  void bind_double(int index, double value) override;
  void bind_text(int index, std::string_view value) override;
  void bind_blob(int index, std::string_view value) override { bind_text(index, value); }
  sql::Result<bool> step() override;
  void reset() noexcept override;
  bool is_null(int column) const override;
  std::int64_t int64(int column) const override;
  double real(int column) const override;
  std::string_view bytes(int column) const override;

 private:
  template <class Bind>
  void bind(Bind bind);
  template <class Value, class Read>
  Value column_value(Read read) const;
  sql::Result<void> run();

  std::unique_ptr<::sql::PreparedStatement> prepared_;
  std::unique_ptr<::sql::ResultSet> rows_;
  ConnectionState& state_;
  bool keeps_;  // a row that is there stays, and that is no failure
  bool returns_rows_;
  bool ran_ = false;
  mutable bool misused_ = false;  // a parameter or column that is not there
  mutable std::vector<std::optional<std::string>> bytes_;  // of this row, as far as asked for
};

}  // namespace respring::mysql
