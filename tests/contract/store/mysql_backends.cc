#include "backends.h"
#include "contract/sql/mysql_databases.h"

namespace respring::store {
namespace {

/// Databases on real servers.
class MysqlBackend final : public StoreBackend {
 public:
  explicit MysqlBackend(testing::stack::SqlEndpoint server) : databases_(std::move(server)) {}
  sql::Connect database(const std::string& name) override {
    return mysql::connector(databases_.database(name));
  }

 private:
  testing::MysqlDatabases databases_;
};

}  // namespace

std::vector<BackendCase> all_backends() {
  using testing::stack::Endpoints;
  return {
      {"mysql", [] { return std::make_unique<MysqlBackend>(Endpoints().mysql().front()); }},
      {"mariadb", [] { return std::make_unique<MysqlBackend>(Endpoints().mariadb()); }},
  };
}

}  // namespace respring::store
