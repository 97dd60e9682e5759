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

TEST_P(RelayNodes, AFrozenRelayIsReplacedAndStandsByWhenItWakesUp) {
  fill(1, 3);
  SlowBus frozen;
  frozen.open(false);
  const auto one = relay(frozen);
  frozen.wait_until_called();
  const auto two = relay(bus);
  expect_in_order(bus.wait_for("r-1", 3));
  frozen.open(true);
  EXPECT_EQ(frozen.wait_for("r-1", 3).size(), 3U);  // they come twice
  fill(20, 3);
  expect_in_order(bus.wait_for("r-1", 63));
  EXPECT_TRUE(two->stats().relaying);
  EXPECT_EQ(frozen.wait_for("r-1", 3).size(), 3U);  // and nothing else
  wait_until_empty();
}

RESPRING_ON_ALL_BACKENDS(RelayNodes);

}  // namespace
}  // namespace respring::store
