#include "sqlite/dialect.h"

namespace respring::sqlite {
namespace {

class SqliteDialect final : public sql::Dialect {
 public:
  std::string_view name() const override { return "sqlite"; }

  std::string on_conflict_update(std::initializer_list<std::string_view> keys,
                                 std::initializer_list<std::string_view> columns) const override {
    std::string text = " ON CONFLICT(" + listed(keys) + ") DO UPDATE SET ";
    for (const auto column : columns) {
      if (text.back() != ' ') text += ',';
      text.append(column).append("=excluded.").append(column);
    }
    return text;
  }
  std::string on_conflict_keep(std::initializer_list<std::string_view> keys) const override {
    return " ON CONFLICT(" + listed(keys) + ") DO NOTHING";
  }
  // A write transaction is the only writer, and every transaction sees one state.
  std::string_view for_share() const override { return ""; }
  std::string_view for_update() const override { return ""; }
  std::string_view for_update_nowait() const override { return ""; }
  std::string_view by_primary_key() const override { return ""; }
  std::size_t rows_at_once() const override { return 1; }
  std::size_t writers() const override { return 1; }
  bool shared() const override { return false; }
  bool transactional_ddl() const override { return true; }
  std::string expand(std::string migration) const override {
    migration =
        sql::replaced(std::move(migration), "{{auto_id}}", "INTEGER PRIMARY KEY AUTOINCREMENT");
    for (const std::string_view mark : {"{{instant}}", "{{online}}"})
      migration = sql::replaced(std::move(migration), mark, "");
    return sql::replaced(std::move(migration), "{{clustered}}", "WITHOUT ROWID");
  }

 private:
  static std::string listed(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const auto name : names) {
      if (!text.empty()) text += ',';
      text += name;
    }
    return text;
  }
};

}  // namespace

const sql::Dialect& dialect() {
  static const SqliteDialect kDialect;
  return kDialect;
}

}  // namespace respring::sqlite
