#include "outbox_relay_world.h"

// Nodes that share a shard: one relays, another takes over.
namespace respring::store {
namespace {

using RelayNodes = RelayWorld;

TEST_P(RelayNodes, OneOfTwoNodesRelaysAndTheOtherGoesOnWhenItLeaves) {
  auto one = relay(bus);
  fill(1, 5);
  bus.wait_for("r-1", 5);
  auto two = relay(bus);
  fill(10, 5);
  expect_in_order(bus.wait_for("r-1", 55));
  EXPECT_TRUE(one->stats().relaying);
  EXPECT_FALSE(two->stats().relaying);
  one->stop();
  fill(10, 5);
  expect_in_order(bus.wait_for("r-1", 105));
  EXPECT_TRUE(two->stats().relaying);
  EXPECT_EQ(two->stats().takeovers, 1);
}

TEST_P(RelayNodes, WhatAnotherNodeCommittedIsFoundWithoutAWord) {
  const auto one = relay(bus);
  fill(1, 1);
  bus.wait_for("r-1", 1);
  fill(1, 1);  // nobody wakes the relay
  expect_in_order(bus.wait_for("r-1", 2));
}

TEST_P(RelayNodes, AFrozenRelayIsReplacedAndDeletesNothingWhenItWakesUp) {
  fill(1, 3);
  SlowBus frozen;
  frozen.open(false);
  const auto one = relay(frozen);
  frozen.wait_until_called();
  const auto two = relay(bus);
  expect_in_order(bus.wait_for("r-1", 3));
  wait_until_empty();
  // Now only the new holder may delete: the row it has not seen yet must survive the old one.
  bus.open(false);
  fill(1, 3);
  frozen.open(true);
  EXPECT_EQ(frozen.wait_for("r-1", 3).size(), 3U);
  one->stop();
  EXPECT_EQ(one->stats().events, 0);  // published, but not his any more
  EXPECT_EQ(rows_left(), 1);
  bus.open(true);
  expect_in_order(bus.wait_for("r-1", 6));
}

TEST_P(RelayNodes, NobodyTakesOverInsideATransactionThatConfirmed) {
  RelayLease one({.holder = "one"});
  RelayLease two({.holder = "two", .alone = true});  // it would take it at once
  const auto other = connect().value();
  ASSERT_TRUE(one.hold(*db).value());
  ASSERT_TRUE(other->execute("SET innodb_lock_wait_timeout=1"));
  {
    const auto transaction = sql::Transaction::begin(*db, sql::Begin::write);
    ASSERT_TRUE(one.confirm(*db).value());
    EXPECT_FALSE(two.hold(*other));  // it waited for the lock in vain
  }
  EXPECT_TRUE(two.hold(*other).value());
}

RESPRING_ON_ALL_BACKENDS(RelayNodes);

}  // namespace
}  // namespace respring::store
