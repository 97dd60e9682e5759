#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace respring::metrics {
namespace {

using testing::HasSubstr;

TEST(Metrics, HandlesOfTheSameLabelsShareOneSeries) {
  counter("respring_sends_total", {{"result", "stored"}}).add(2);
  counter("respring_sends_total", {{"result", "stored"}}).add();
  gauge("respring_bus_lag", {{"group", "search"}}).set(7);
  histogram("respring_batch_rows", {{"shard", "shard-0"}}).observe(3);
  const std::string text = render();
  EXPECT_THAT(text, HasSubstr("respring_sends_total{result=\"stored\"} 3"));
  EXPECT_THAT(text, HasSubstr("respring_bus_lag{group=\"search\"} 7"));
  EXPECT_THAT(text, HasSubstr("respring_batch_rows_bucket{shard=\"shard-0\",le=\"4\"} 1"));
  EXPECT_THAT(text, HasSubstr("# HELP respring_sends_total Sends by outcome"));
}

TEST(Metrics, TheProcessTellsAboutItself) {
  const std::string text = render();
  for (const char* name :
       {"process_resident_memory_bytes ", "process_open_fds ", "process_cpu_seconds_total ",
        "process_start_time_seconds ", "respring_build_info{"}) {
    const auto at = text.find(std::string("\n") + name);
    ASSERT_NE(at, std::string::npos) << name;
    const auto space = text.find(' ', at);
    EXPECT_GT(std::stod(text.substr(space + 1)), 0) << name;
  }
}

TEST(Metrics, UpdatesFromManyThreadsAddUp) {
  const Counter handle = counter("respring_rate_limited_total", {{"limit", "test"}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&handle] {
      for (int i = 0; i < 10'000; ++i) handle.add();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(render(), HasSubstr("respring_rate_limited_total{limit=\"test\"} 40000"));
}

TEST(Metrics, LabelValuesAreBounded) {
  for (std::size_t i = 0; i < 2 * kMaxSeries; ++i) {
    counter("respring_http_refused_total", {{"reason", std::to_string(i)}}).add();
  }
  const std::string text = render();
  EXPECT_THAT(text, HasSubstr("respring_http_refused_total{reason=\"other\"} " +
                              std::to_string(kMaxSeries)));
  EXPECT_EQ(text.find("reason=\"399\""), std::string::npos);
}

TEST(MetricsDeathTest, AMetricOutsideTheTableEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(counter("respring_typo_total"), "not in metric_table.cc");
  EXPECT_DEATH(counter("respring_bus_lag", {{"group", "x"}}), "another kind");
  EXPECT_DEATH(counter("respring_sends_total", {{"user", "x"}}), "other labels");
}

TEST(Metrics, TheTableIsInOrder) {
  std::set<std::string_view> names;
  for (const Declaration& d : table()) {
    EXPECT_TRUE(names.insert(d.name).second) << d.name;
    EXPECT_TRUE(d.name.starts_with("respring_") || d.name.starts_with("process_")) << d.name;
    EXPECT_EQ(d.name.ends_with("_total"), d.kind == Kind::counter) << d.name;
    EXPECT_EQ(d.buckets.empty(), d.kind != Kind::histogram) << d.name;
    EXPECT_TRUE(d.help.ends_with(".")) << d.name;
  }
}

}  // namespace
}  // namespace respring::metrics
