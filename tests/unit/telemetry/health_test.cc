#include "telemetry/health.h"

#include <gtest/gtest.h>

namespace respring::health {
namespace {

TEST(Health, FailedIsNotReadyAndDegradedIs) {
  Registry registry;
  EXPECT_TRUE(registry.ready());
  registry.set("search", {State::degraded, "214 messages behind"});
  EXPECT_TRUE(registry.ready());
  registry.add("shard-1", [] { return Status{State::failed, "disk full"}; });
  EXPECT_FALSE(registry.ready());
  EXPECT_EQ(registry.text(false), "not ready\n");
  EXPECT_EQ(registry.text(true),
            "not ready\nsearch: degraded: 214 messages behind\nshard-1: failed: disk full\n");
  registry.set("shard-1", {});
  EXPECT_EQ(registry.text(true), "ok\nsearch: degraded: 214 messages behind\nshard-1: ok\n");
  registry.remove("search");
  EXPECT_EQ(registry.look().size(), 1U);
}

TEST(Health, ADrainingProcessIsNeverReady) {
  Registry registry;
  registry.set("store", {});
  registry.start_draining();
  EXPECT_FALSE(registry.ready());
  EXPECT_EQ(registry.text(true),
            "not ready\ndraining: failed: the process is leaving\nstore: ok\n");
}

TEST(Health, ACheckMayUseTheRegistry) {
  Registry registry;
  registry.add("self", [&registry] {
    return Status{registry.draining() ? State::failed : State::ok, {}};
  });
  EXPECT_TRUE(registry.ready());
}

}  // namespace
}  // namespace respring::health
