#include "store/relay_lease.h"

#include "backends.h"
#include "room_contract.h"
#include "store/migrations.h"

namespace respring::store {
namespace {

using std::chrono::milliseconds;

/// Two nodes that could relay one shard, and a clock that only the test moves.
class RelayLeases : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_TRUE(migrate(*one_db, built_in_migrations("message"))); }

  RelayLease lease(std::string holder, bool alone = false) {
    return RelayLease({std::move(holder), milliseconds(4000), alone, [this] { return now; }});
  }
  std::string holder_in_the_row() {
    auto rows = one_db->query("SELECT holder FROM relay_lease").value();
    EXPECT_TRUE(rows.next().value());
    return rows.text(0);
  }

  RelayLease::Steady::time_point now = RelayLease::Steady::now();
  std::unique_ptr<StoreBackend> backend = GetParam().make();
  std::unique_ptr<sql::Connection> one_db = backend->database("shard-0")().value();
  std::unique_ptr<sql::Connection> two_db = backend->database("shard-0")().value();
  RelayLease one = lease("one"), two = lease("two");
};

TEST_P(RelayLeases, TheFirstToAskHoldsIt) {
  EXPECT_TRUE(one.hold(*one_db).value());
  EXPECT_FALSE(two.hold(*two_db).value());
  EXPECT_EQ(holder_in_the_row(), "one");
}

TEST_P(RelayLeases, AHolderThatLivesKeepsIt) {
  ASSERT_TRUE(one.hold(*one_db).value());
  for (int i = 0; i < 20; ++i) {
    now += milliseconds(1000);
    EXPECT_TRUE(one.hold(*one_db).value());
    EXPECT_FALSE(two.hold(*two_db).value());
  }
  EXPECT_EQ(one.fence(), 1);
}

TEST_P(RelayLeases, ASilentHolderLosesItAfterTheLeaseAndNotBefore) {
  ASSERT_TRUE(one.hold(*one_db).value());
  EXPECT_FALSE(two.hold(*two_db).value());
  now += milliseconds(3999);
  EXPECT_FALSE(two.hold(*two_db).value());
  now += milliseconds(1);
  EXPECT_TRUE(two.hold(*two_db).value());
  EXPECT_EQ(two.fence(), 2);
  EXPECT_EQ(holder_in_the_row(), "two");
}

TEST_P(RelayLeases, WhoWakesUpLateHoldsNothing) {
  ASSERT_TRUE(one.hold(*one_db).value());
  ASSERT_FALSE(two.hold(*two_db).value());
  now += milliseconds(5000);
  ASSERT_TRUE(two.hold(*two_db).value());
  EXPECT_FALSE(one.hold(*one_db).value());
  EXPECT_TRUE(two.hold(*two_db).value());
}

TEST_P(RelayLeases, OnlyOneOfThoseThatFindItFreeGetsIt) {
  RelayLease three = lease("three");
  ASSERT_TRUE(one.hold(*one_db).value());
  ASSERT_FALSE(two.hold(*two_db).value());
  ASSERT_FALSE(three.hold(*two_db).value());
  now += milliseconds(4000);
  EXPECT_TRUE(two.hold(*two_db).value());
  EXPECT_FALSE(three.hold(*two_db).value());
}

TEST_P(RelayLeases, LeavingHandsItOnAtOnce) {
  ASSERT_TRUE(one.hold(*one_db).value());
  one.release(*one_db);
  EXPECT_FALSE(one.held());
  EXPECT_TRUE(two.hold(*two_db).value());
}

TEST_P(RelayLeases, ALateReleaseTakesItFromNobody) {
  ASSERT_TRUE(one.hold(*one_db).value());
  ASSERT_FALSE(two.hold(*two_db).value());
  now += milliseconds(4000);
  ASSERT_TRUE(two.hold(*two_db).value());
  one.release(*one_db);
  EXPECT_EQ(holder_in_the_row(), "two");
}

TEST_P(RelayLeases, WhoHasTheDatabaseAloneDoesNotWaitForTheDead) {
  ASSERT_TRUE(one.hold(*one_db).value());
  RelayLease next = lease("next", true);
  EXPECT_TRUE(next.hold(*two_db).value());
  EXPECT_EQ(next.fence(), 2);
}

RESPRING_ON_ALL_BACKENDS(RelayLeases);

}  // namespace
}  // namespace respring::store
