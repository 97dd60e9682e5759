#include "contract/sql/mysql_databases.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/ids.h"

namespace respring::testing {
namespace {

// `t` and 32 hexadecimal digits.
std::string new_name() {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name = "t";
  for (const auto byte : new_uuid().bytes) {
    const auto value = static_cast<unsigned>(byte);
    name += kDigits[value / 16];
    name += kDigits[value % 16];
  }
  return name;
}

}  // namespace

mysql::Options MysqlDatabases::options(std::string database) const {
  mysql::Options options;
  options.host = server_.host;
  options.port = server_.port;
  options.user = server_.user;
  options.password = Secret<std::string>(server_.password);
  options.database = std::move(database);
  return options;
}

std::unique_ptr<sql::Connection> MysqlDatabases::administrator() const {
  auto opened = mysql::open(options("mysql"));
  if (!opened) throw std::runtime_error(opened.assume_error().detail);
  return std::move(opened).assume_value();
}

mysql::Options MysqlDatabases::database(const std::string& name) {
  auto found = std::ranges::find(made_, name, [](const auto& entry) { return entry.first; });
  if (found == made_.end()) {
    found = made_.insert(found, {name, new_name()});
    const auto made = administrator()->execute("CREATE DATABASE " + found->second);
    EXPECT_TRUE(made) << made.assume_error().detail;
  }
  return options(found->second);
}

MysqlDatabases::~MysqlDatabases() {
  if (made_.empty()) return;
  const auto connection = administrator();
  for (const auto& [name, database] : made_) {
    EXPECT_TRUE(connection->execute("DROP DATABASE " + database)) << name;
  }
}

}  // namespace respring::testing
