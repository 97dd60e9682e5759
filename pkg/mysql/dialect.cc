#include "mysql/dialect.h"

namespace respring::mysql {
namespace {

class MysqlDialect final : public sql::Dialect {
 public:
  explicit MysqlDialect(Product product) : product_(product) {}

  std::string_view name() const override { return "mysql"; }

  // VALUES() is understood by all of them; MariaDB knows no row alias.
  std::string on_conflict_update(std::initializer_list<std::string_view>,
                                 std::initializer_list<std::string_view> columns) const override {
    std::string text = " ON DUPLICATE KEY UPDATE ";
    for (const auto column : columns) {
      if (text.back() != ' ') text += ',';
      text.append(column).append("=VALUES(").append(column).append(")");
    }
    return text;
  }
  std::string on_conflict_keep(std::initializer_list<std::string_view>) const override {
    return std::string(kKeepMark);
  }
  std::string_view for_share() const override { return " LOCK IN SHARE MODE"; }
  std::string_view for_update() const override { return " FOR UPDATE"; }
  std::string_view for_update_nowait() const override { return " FOR UPDATE NOWAIT"; }
  std::string_view by_primary_key() const override { return " FORCE INDEX (PRIMARY)"; }
  std::size_t rows_at_once() const override { return 64; }
  // While one waits for its commit to reach the disk, the other one works.
  std::size_t writers() const override { return 2; }
  bool shared() const override { return true; }
  bool transactional_ddl() const override { return false; }

  std::string expand(std::string migration) const override {
    migration = sql::replaced(std::move(migration), "{{auto_id}}",
                              "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY");
    migration = sql::replaced(std::move(migration), "{{clustered}}", "");
    migration = sql::replaced(std::move(migration), "{{instant}}", ", ALGORITHM=INSTANT");
    migration = sql::replaced(std::move(migration), "{{online}}", " ALGORITHM=INPLACE LOCK=NONE");
    while (!migration.empty() && (migration.back() == ' ' || migration.back() == '\n'))
      migration.pop_back();
    if (migration.starts_with("CREATE TABLE")) migration += table_options();
    return migration;
  }

 private:
  // Compared byte by byte, without taking spaces at the end for nothing: as SQLite does.
  std::string table_options() const {
    const bool maria = product_ == Product::mariadb;
    return std::string(" ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ") +
           (maria ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin");
  }

  Product product_;
};

}  // namespace

Product product_of(std::string_view version) {
  return version.find("MariaDB") == std::string_view::npos ? Product::mysql : Product::mariadb;
}

const sql::Dialect& dialect(Product product) {
  static const MysqlDialect kMysql(Product::mysql);
  static const MysqlDialect kMariadb(Product::mariadb);
  return product == Product::mysql ? kMysql : kMariadb;
}

}  // namespace respring::mysql
