#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mysql/connection.h"
#include "stack/endpoints.h"

namespace respring::testing {

/// Databases of one test on a real server, with names nobody else uses; dropped with this.
class MysqlDatabases {
 public:
  explicit MysqlDatabases(stack::SqlEndpoint server) : server_(std::move(server)) {}
  ~MysqlDatabases();
  MysqlDatabases(const MysqlDatabases&) = delete;
  MysqlDatabases& operator=(const MysqlDatabases&) = delete;

  /// How to reach the database of that name, made empty when it is asked for the first time.
  mysql::Options database(const std::string& name);
  const stack::SqlEndpoint& server() const { return server_; }
  /// A connection that looks at no database of ours.
  std::unique_ptr<sql::Connection> administrator() const;

 private:
  mysql::Options options(std::string database) const;

  stack::SqlEndpoint server_;
  std::vector<std::pair<std::string, std::string>> made_;  // the test's name, the server's
};

}  // namespace respring::testing
