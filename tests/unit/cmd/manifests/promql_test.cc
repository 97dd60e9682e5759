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

TEST(PromQl, EachSeriesIsNarrowed) {
  EXPECT_EQ(only_with("a", "n=\"x\""), "a{n=\"x\"}");
  EXPECT_EQ(
      only_with("sum by (le) (rate(a_bucket{b=\"c\"}[5m])) / sum(a) > 14.4 * 0.001", "n=\"x\""),
      "sum by (le) (rate(a_bucket{n=\"x\", b=\"c\"}[5m])) / sum(a{n=\"x\"}) > 14.4 * 0.001");
  EXPECT_EQ(only_with("absent(up{role=\"r\"}) or vector(0)", "n=\"x\""),
            "absent(up{n=\"x\", role=\"r\"}) or vector(0)");
  EXPECT_EQ(only_with("rate(a[$__rate_interval])", "n=~\"$n\""),
            "rate(a{n=~\"$n\"}[$__rate_interval])");
}

}  // namespace
}  // namespace respring::manifests
