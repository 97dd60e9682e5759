#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sql/pool.h"

namespace respring::sql {

/// One fresh database of one test.
class Database {
 public:
  virtual ~Database() = default;
  virtual Connect connector() = 0;
  /// The same, but a lock is not waited for longer than a second.
  virtual Connect impatient_connector() = 0;
};

struct DatabaseCase {
  std::string name;
  std::function<std::unique_ptr<Database>()> make;
};

/// Every driver there is.
std::vector<DatabaseCase> all_databases();

inline std::string name_of_case(const ::testing::TestParamInfo<DatabaseCase>& info) {
  return info.param.name;
}

}  // namespace respring::sql
