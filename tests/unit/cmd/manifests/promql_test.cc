// Names of series in Prometheus' queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/manifests/check_promql.h"

namespace respring::manifests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PromQl, NamesStandOutsideOfFunctionsLabelsAndRanges) {
  EXPECT_THAT(series_in("a"), ElementsAre("a"));
  EXPECT_THAT(series_in("sum by (le, shard) (rate(a_bucket{x=\"b\",y!~'c'}[5m]))"),
              ElementsAre("a_bucket"));
  EXPECT_THAT(
      series_in("max(a) without (pod) / on (role) group_left (x) b:rate5m offset 5m > bool 1e3"),
      ElementsAre("a", "b:rate5m"));
  EXPECT_THAT(series_in("(a or vector(0)) and deriv(max by (g) (b)[15m:1m]) > 14.4 * 0.001"),
              ElementsAre("a", "b"));
  EXPECT_THAT(series_in("rate(a[$__rate_interval]) * $factor # and b"), ElementsAre("a"));
  EXPECT_THAT(series_in("{__name__=\"a\",x=\"b\"}"), ElementsAre("a"));
}

TEST(PromQl, WhatIsBrokenEnds) {
  for (const char* text : {"", "{", "{\"", "a{x=\"", "[", "\"\\", "by (", "#", "{__name__=\""})
    EXPECT_THAT(series_in(text), testing::AnyOf(IsEmpty(), testing::SizeIs(1))) << text;
}

}  // namespace
}  // namespace respring::manifests
