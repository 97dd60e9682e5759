#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "sql/pool.h"

namespace respring::store {

/// A place where stores can keep their databases, one per test; gone with this.
class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  /// Connects to the (at first empty) database of that name; the same name is the same database.
  virtual sql::Connect database(const std::string& name) = 0;
};

using NewBackend = std::function<std::unique_ptr<StoreBackend>()>;

/// The adapters that run the suites of this folder.
struct BackendCase {
  std::string name;
  NewBackend make;
};
inline std::string name_of_case(const ::testing::TestParamInfo<BackendCase>& info) {
  return info.param.name;
}

}  // namespace respring::store
