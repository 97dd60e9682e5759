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

/// The adapters this program tests; all suites of this folder run on each. Each program has its
/// own: sqlite_backend.cc, mysql_backends.cc.
std::vector<BackendCase> all_backends();

}  // namespace respring::store
