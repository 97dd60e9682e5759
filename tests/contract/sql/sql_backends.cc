#include "sql_backends.h"

#include "contract/sql/mysql_databases.h"
#include "contract/temporary_folder.h"
#include "sqlite/connection.h"

namespace respring::sql {
namespace {

class SqliteDatabase final : public Database {
 public:
  Connect connector() override { return sqlite::connector({.path = path()}); }
  Connect impatient_connector() override {
    return sqlite::connector({.path = path(), .busy_timeout = std::chrono::milliseconds(50)});
  }

 private:
  std::string path() const { return (folder_.path() / "test.db").string(); }
  testing::TemporaryFolder folder_;
};

class MysqlDatabase final : public Database {
 public:
  explicit MysqlDatabase(testing::stack::SqlEndpoint server) : databases_(std::move(server)) {}
  Connect connector() override { return mysql::connector(databases_.database("test")); }
  Connect impatient_connector() override {
    auto options = databases_.database("test");
    options.lock_timeout = std::chrono::seconds(1);
    return mysql::connector(options);
  }

 private:
  testing::MysqlDatabases databases_;
};

}  // namespace

std::vector<DatabaseCase> all_databases() {
  using testing::stack::Endpoints;
  return {
      {"sqlite", [] { return std::make_unique<SqliteDatabase>(); }},
      {"mysql", [] { return std::make_unique<MysqlDatabase>(Endpoints().mysql().front()); }},
      {"mariadb", [] { return std::make_unique<MysqlDatabase>(Endpoints().mariadb()); }},
  };
}

}  // namespace respring::sql
