#pragma once

#include <memory>
#include <string>
#include <vector>

#include "contract/temporary_folder.h"
#include "sqlite/connection.h"
#include "store_backend.h"

namespace respring::store {

/// Database files in a folder of the test's own.
class SqliteBackend final : public StoreBackend {
 public:
  sql::Connect database(const std::string& name) override {
    sqlite::Options options;
    options.path = (folder_.path() / (name + ".db")).string();
    return sqlite::connector(options);
  }

 private:
  testing::TemporaryFolder folder_;
};

/// Every adapter there is; all suites of this folder run on each.
inline std::vector<BackendCase> all_backends() {
  return {{"sqlite", [] { return std::make_unique<SqliteBackend>(); }}};
}

}  // namespace respring::store
