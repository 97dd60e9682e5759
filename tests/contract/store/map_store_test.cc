#include <gtest/gtest.h>

#include "backends.h"
#include "store/map_store.h"
#include "store/migrations.h"

namespace respring::store {
namespace {

class MapStore : public ::testing::TestWithParam<BackendCase> {
 protected:
  std::unique_ptr<sql::Connection> meta() {
    auto connection = backend_->database("meta")().value();
    EXPECT_TRUE(migrate(*connection, built_in_migrations("meta")));
    return connection;
  }
  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

TEST_P(MapStore, TheFirstStartStoresAnEvenMapAndLaterOnesReadIt) {
  const auto made = load_or_create_map(*meta(), {"a", "b"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made.value(), shardmap::even_map({"a", "b"}));
  EXPECT_EQ(load_or_create_map(*meta(), {"a", "b"}).value(), made.value());
}

TEST_P(MapStore, AnotherOrderOfTheShardsMovesNothing) {
  ASSERT_TRUE(load_or_create_map(*meta(), {"a", "b"}));
  const auto read = load_or_create_map(*meta(), {"b", "a"}).value();
  EXPECT_EQ(read.shards[static_cast<std::size_t>(read.owners[0].shard)], "a");
}

TEST_P(MapStore, ANewShardOwnsNothingYet) {
  ASSERT_TRUE(load_or_create_map(*meta(), {"a", "b"}));
  const auto read = load_or_create_map(*meta(), {"a", "b", "c"}).value();
  for (const auto& owner : read.owners) EXPECT_LT(owner.shard, 2);
}

TEST_P(MapStore, AMissingShardIsRefusedByName) {
  ASSERT_TRUE(load_or_create_map(*meta(), {"a", "b"}));
  const auto read = load_or_create_map(*meta(), {"a"});
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("'b'"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Adapters, MapStore, ::testing::ValuesIn(all_backends()), name_of_case);

}  // namespace
}  // namespace respring::store
