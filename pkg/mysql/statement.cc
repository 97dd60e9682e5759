#include "mysql/statement.h"

#include <cppconn/datatype.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>

#include "mysql/failure.h"
#include "mysql/session.h"

namespace respring::mysql {

MysqlStatement::MysqlStatement(std::unique_ptr<::sql::PreparedStatement> prepared,
                               ConnectionState& state, bool keeps)
    : prepared_(std::move(prepared)),
      state_(state),
      keeps_(keeps),
      returns_rows_(prepared_->getMetaData()->getColumnCount() > 0) {}

MysqlStatement::~MysqlStatement() = default;

// What the library refuses here is a mistake of ours: the next step() says so.
template <class Bind>
void MysqlStatement::bind(Bind bind) {
  try {
    bind(*prepared_);
  } catch (const std::exception&) {
    misused_ = true;
  }
}

void MysqlStatement::bind_null(int index) {
  bind([&](auto& s) { s.setNull(static_cast<unsigned>(index), ::sql::DataType::SQLNULL); });
}

void MysqlStatement::bind_int64(int index, std::int64_t value) {
  bind([&](auto& s) { s.setInt64(static_cast<unsigned>(index), value); });
}

void MysqlStatement::bind_double(int index, double value) {
  bind([&](auto& s) { s.setDouble(static_cast<unsigned>(index), value); });
}

// Blobs too: as a stream each would be a packet of its own. The column decides what the bytes are.
void MysqlStatement::bind_text(int index, std::string_view value) {
  bind([&](auto& s) {
    s.setString(static_cast<unsigned>(index), ::sql::SQLString(value.data(), value.size()));
  });
}

sql::Result<void> MysqlStatement::run() {
  ran_ = true;
  try {
    if (returns_rows_) {
      rows_.reset(prepared_->executeQuery());
    } else {
      state_.changes = 0;
      state_.changes = prepared_->executeUpdate();
    }
    return success();
  } catch (const ::sql::SQLException& thrown) {
    const int number = thrown.getErrorCode();
    if (is_lost(number)) state_.lost = true;
    auto failure = failure_of(thrown);
    const bool kept = keeps_ && failure.code == sql::Errc::unique;
    if (kept && names_primary_key(thrown.what())) return success();
    return failure;
  } catch (const std::exception& thrown) {
    return sql::Failure{sql::Errc::other, thrown.what()};
  }
}

sql::Result<bool> MysqlStatement::step() {
  enter_thread();
  if (misused_) return sql::Failure{sql::Errc::other, "a parameter or column is not there"};
  if (!ran_) {
    RESPRING_TRYV(run());
  }
  if (!rows_) return false;
  bytes_.clear();
  try {
    return rows_->next();
  } catch (const ::sql::SQLException& thrown) {
    return failure_of(thrown);
  }
}

void MysqlStatement::reset() noexcept {
  try {
    rows_.reset();
    prepared_->clearParameters();
  } catch (const std::exception&) {
    state_.lost = true;
  }
  bytes_.clear();
  ran_ = false;
  misused_ = false;
  in_use = false;
}

template <class Value, class Read>
Value MysqlStatement::column_value(Read read) const {
  try {
    if (rows_) return read(*rows_);
  } catch (const std::exception&) {
    misused_ = true;
  }
  return Value{};
}

bool MysqlStatement::is_null(int column) const {
  return column_value<bool>(
      [&](auto& row) { return row.isNull(static_cast<unsigned>(column + 1)); });
}

std::int64_t MysqlStatement::int64(int column) const {
  return column_value<std::int64_t>(
      [&](auto& row) { return row.getInt64(static_cast<unsigned>(column + 1)); });
}

double MysqlStatement::real(int column) const {
  return column_value<double>([&](auto& row) {
    return static_cast<double>(row.getDouble(static_cast<unsigned>(column + 1)));
  });
}

std::string_view MysqlStatement::bytes(int column) const {
  const auto index = static_cast<std::size_t>(column);
  // Its views must stay where they are, so it has all its places from the start.
  if (bytes_.empty()) bytes_.resize(prepared_->getMetaData()->getColumnCount());
  if (index >= bytes_.size()) {
    misused_ = true;
    return {};
  }
  auto& kept = bytes_[index];
  if (!kept) {
    kept = column_value<std::string>(
        [&](auto& row) { return row.getString(static_cast<unsigned>(column + 1)).asStdString(); });
  }
  return *kept;
}

}  // namespace respring::mysql
