#include "telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "base/json.h"

namespace respring::log {
namespace {

constexpr std::string_view kTime = "2026-11-22T09:12:00.000Z";

TEST(Log, AJsonLineIsOneObjectWithTypedFields) {
  const std::string line =
      format_json(kTime, Level::warn, "shard.batch_failed",
                  {{"shard", "shard-0"}, {"rows", 16}, {"took_s", 0.5}, {"again", true}});
  EXPECT_EQ(line, R"({"ts":"2026-11-22T09:12:00.000Z","level":"warn","event":"shard.batch_failed",)"
                  R"("shard":"shard-0","rows":16,"took_s":0.5,"again":true})");
}

TEST(Log, HostileTextStaysOneValidLine) {
  const std::string hostile =
      std::string("a\nb\"\x1b[2J\xff\xed\xa0\x80") + std::string(100'000, 'x');
  const std::string line = format_json(kTime, Level::info, "x", {{"text", hostile}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_LT(line.size(), 5000U);
  const auto value = json::parse(line);
  ASSERT_TRUE(value.has_value());
  EXPECT_THAT(value.value().string_or("text"), testing::StartsWith("a\nb\"\x1b[2J\xEF\xBF\xBD"));
  const std::string pretty = format_pretty(kTime, Level::info, "x", {{"text", hostile}}, false);
  EXPECT_EQ(pretty.find('\n'), std::string::npos);
  EXPECT_EQ(pretty.find('\x1b'), std::string::npos);
}

TEST(Log, PrettyLinesAreForPeople) {
  EXPECT_EQ(
      format_pretty(kTime, Level::info, "serve.ready", {{"port", 8080}, {"why", "a b"}}, false),
      "09:12:00.000 info   serve.ready  port=8080  why=\"a b\"");
}

TEST(Log, NamesOfLevelsAndFormats) {
  EXPECT_EQ(level_named("debug"), Level::debug);
  EXPECT_EQ(level_named("loud"), std::nullopt);
  EXPECT_EQ(format_named("auto"), Format::automatic);
}

/// What the process writes to stderr while `work` runs.
template <class Work>
std::string captured(Work work) {
  const std::string path = testing::TempDir() + "/respring-log-" + std::to_string(getpid());
  const int saved = dup(STDERR_FILENO);
  FILE* file = std::fopen(path.c_str(), "w");
  dup2(fileno(file), STDERR_FILENO);
  work();
  flush();
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::fclose(file);
  std::ifstream in(path);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::remove(path.c_str());
  return text;
}

/// Every one is whole; how many there are.
int lines_of(const std::string& text) {
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(json::parse(line).has_value()) << line;
    EXPECT_THAT(line, testing::HasSubstr(R"("event":"line")"));
  }
  return count;
}

TEST(Log, EveryLineOfEveryThreadArrivesWhole) {
  configure(Level::info, Format::json);
  const std::string text = captured([] {
    debug("below.the_level");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 250; ++i) info("line", {{"thread", t}, {"i", i}});
      });
    }
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(lines_of(text), 1000);
}

TEST(Log, FlushingLosesNothingOfThreadsThatLogMeanwhile) {
  configure(Level::info, Format::json);
  const std::string text = captured([] {
    std::atomic<int> logging = 8;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([t, &logging] {
        for (int i = 0; i < 1000; ++i) info("line", {{"thread", t}, {"i", i}});
        --logging;
      });
    }
    while (logging > 0) flush();
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(lines_of(text), 8000);
}

TEST(Log, WhatIsLoggedWhileTheProcessEndsIsWritten) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto end = [] {
    configure(Level::info, Format::json);
    std::atexit([] {  // runs after what the first line has registered
      for (int i = 0; i < 1000; ++i) info("late", {{"i", i}});
    });
    info("early");
    std::exit(0);
  };
  EXPECT_EXIT(end(), testing::ExitedWithCode(0),
              testing::AllOf(testing::HasSubstr("early"), testing::HasSubstr(R"("i":999})")));
}

}  // namespace
}  // namespace respring::log
