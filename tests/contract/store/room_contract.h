#pragma once

#include <memory>

#include "backends.h"
#include "room_world.h"

namespace respring::store {

/// Room logs on one adapter, fresh for every test.
class RoomContract : public ::testing::TestWithParam<BackendCase> {
 protected:
  std::unique_ptr<StoreBackend> backend = GetParam().make();
  RoomWorld world{*backend};
};

#define RESPRING_ON_ALL_BACKENDS(suite) \
  INSTANTIATE_TEST_SUITE_P(Adapters, suite, ::testing::ValuesIn(all_backends()), name_of_case)

}  // namespace respring::store
