// What monitoring is told by values, and what dashboards ask of a metric.
#include <gtest/gtest.h>

#include "ops/manifests/boards.h"
#include "ops/manifests/monitoring_values.h"

namespace respring::manifests {
namespace {

TEST(MonitoringValues, LabelsAreThoseOfKubernetes) {
  const std::string most(63, 'a');
  for (const std::string& text :
       {std::string("release=stack"), std::string("example.org/team=Chat_1.0"), "a=" + most})
    EXPECT_FALSE(check_label(text)) << text;
  for (const std::string& text :
       {std::string(), std::string("release"), std::string("release="), std::string("=stack"),
        std::string("re lease=x"), std::string("release=-x"), std::string("Example.org/team=x"),
        std::string("/team=x"), std::string("example.org/=x"), std::string("a/b/c=x"),
        std::string("app.kubernetes.io/name=mine"), "a=" + most + "a"})
    EXPECT_TRUE(check_label(text)) << text;
}

TEST(MonitoringValues, ARunbookIsAPage) {
  for (const char* text : {"https://wiki.example.org/chat", "http://wiki/a", "file:///usr/a.md"})
    EXPECT_FALSE(check_runbook(text)) << text;
  for (const char* text : {"", "docs/operations.md", "https://wiki/a#part", "ftp://wiki/a",
                           "https://wiki/a b", "file:relative"})
    EXPECT_TRUE(check_runbook(text)) << text;
}

std::string asked(std::string_view metric, std::string_view by = {}) {
  return queries_of(Panel{"title", metric, by, "short"}, {}).front().expression;
}

TEST(Boards, AmountsAddUpAndOfStatesTheHighestCounts) {
  EXPECT_EQ(asked("respring_websocket_tunnels"), "sum (respring_websocket_tunnels)");
  EXPECT_EQ(asked("respring_websocket_connections"), "sum (respring_websocket_connections)");
  EXPECT_EQ(asked("respring_outbox_rows", "shard"), "sum by (shard) (respring_outbox_rows)");
  EXPECT_EQ(asked("process_resident_memory_bytes"), "sum (process_resident_memory_bytes)");
  EXPECT_EQ(asked("respring_shard_map_version"), "max (respring_shard_map_version)");
  EXPECT_EQ(asked("respring_move_rows_copied"), "max (respring_move_rows_copied)");
}

}  // namespace
}  // namespace respring::manifests
