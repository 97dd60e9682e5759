#include "outbox_relay_world.h"

// The outbox relay: large backlogs and large events.
namespace respring::store {
namespace {

using OutboxRelays = RelayWorld;

TEST_P(OutboxRelays, ABacklogOfAHundredThousandEventsDrainsInOrderAndInLargeParts) {
  fill(6250, 16);
  const auto one = relay(bus);
  expect_in_order(bus.wait_for("r-1", 100'000));
  one->stop();
  EXPECT_EQ(rows_left(), 0);
  EXPECT_EQ(one->stats().events, 100'000);
  EXPECT_EQ(bus.largest(), OutboxRelay::kMostRows * 16);
}

TEST_P(OutboxRelays, LargeEventsArePublishedInPartsOfBoundedSize) {
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(
        db->run("INSERT INTO outbox (events, created_at) VALUES (?,?)", "r-1 " + text + "\n", 0));
  const auto one = relay(bus);
  EXPECT_EQ(bus.wait_for("r-1", 10).size(), 10U);
  EXPECT_EQ(bus.largest(), 3U);  // the fourth would be above four MiB
}

RESPRING_ON_ALL_BACKENDS(OutboxRelays);

}  // namespace
}  // namespace respring::store
