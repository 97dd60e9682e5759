#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/nearest.h"
#include "unit/config/sample.h"

namespace respring::config {
namespace {

using testing::HasSubstr;

TEST(Environment, NestedKeysAndListsAreReached) {
  Outcome out;
  load_into(out,
            {.file = {},
             .flags = {},
             .environment = {{"RESPRING_CONFIG", ""},
                             {"RESPRING_LIMITS__SENDS_PER_USER", "5/s burst 9"},
                             {"RESPRING_ALLOWED_ORIGINS", "https://a.example, https://b.example"},
                             {"RESPRING_STORES__SHARDS__1__DSN", "sqlite:other.db"},
                             {"RESPRING_STORES__SHARDS__2__NAME", "third"}}});
  ASSERT_TRUE(out.loaded) << out.problems;
  EXPECT_EQ(out.sample.sends, Rate::per_second(5, 9));
  EXPECT_EQ(out.sample.origins.at(1), "https://b.example");
  ASSERT_EQ(out.sample.shards.size(), 3U);
  EXPECT_EQ(out.sample.shards[1].name, "shard-1");  // what was not named stays
  EXPECT_EQ(out.sample.shards[1].dsn, "sqlite:other.db");
  EXPECT_EQ(out.sample.shards[2].name, "third");
  EXPECT_EQ(out.loaded->find("stores.shards[1].dsn")->origin.text(),
            "env RESPRING_STORES__SHARDS__1__DSN");
}

TEST(Environment, TenAndMoreEntriesAreAppendedInOrder) {
  Outcome out;
  Environment environment;
  for (int i = 2; i < 13; ++i) {
    environment["RESPRING_STORES__SHARDS__" + std::to_string(i) + "__NAME"] =
        "s" + std::to_string(i);
  }
  load_into(out, {.file = {}, .flags = {}, .environment = environment});
  ASSERT_TRUE(out.loaded) << out.problems;
  ASSERT_EQ(out.sample.shards.size(), 13U);
  EXPECT_EQ(out.sample.shards[12].name, "s12");
}

TEST(Environment, AnUnknownVariableIsRefusedWithTheNearestOne) {
  Outcome out;
  load_into(out,
            {.file = {},
             .flags = {},
             .environment = {{"RESPRING_LISTN", ":80"}, {"RESPRING_STORES__SHARDS__7__DSN", "x"}}});
  EXPECT_THAT(out.problems,
              HasSubstr("env RESPRING_LISTN: no such setting; did you mean 'RESPRING_LISTEN'?"));
  EXPECT_THAT(out.problems, HasSubstr("there are 2 entries, so the next one is number 2"));
}

TEST(Environment, WhatKubernetesSetsForAServiceIsNoSetting) {
  Outcome out;
  load_into(out, {.file = {},
                  .flags = {},
                  .environment = {{"RESPRING_USER_SERVICE_HOST", "10.0.0.7"},
                                  {"RESPRING_USER_SERVICE_PORT_HTTP", "8080"},
                                  {"RESPRING_USER_PORT", "tcp://10.0.0.7:8080"},
                                  {"RESPRING_PORT", "tcp://10.0.0.7:8080"},
                                  {"RESPRING_USER_PORT_8080_TCP_ADDR", "10.0.0.7"},
                                  {"RESPRING_FAILPOINT", "x"},
                                  {"RESPRING_BIN", "y"}}});
  EXPECT_TRUE(out.loaded) << out.problems;
}

TEST(Nearest, FindsTyposAndNotStrangers) {
  const std::vector<std::string> words = {"serve", "shard", "search", "version"};
  EXPECT_EQ(nearest("sevre", words), "serve");
  EXPECT_EQ(nearest("verison", words), "version");
  EXPECT_EQ(nearest("serach", words), "search");
  EXPECT_EQ(nearest("kubernetes", words), std::nullopt);
  EXPECT_EQ(nearest("", words), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'a'), words), std::nullopt);
}

TEST(File, NestingAndAliasesAreBounded) {
  Outcome deep;
  load_text(deep, "listen: " + std::string(100, '[') + std::string(100, ']') + "\n");
  EXPECT_THAT(deep.problems, HasSubstr("nested deeper"));
  // each level doubles what it stands for: a small file that would fill the memory
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 14; ++i) {
    const std::string before = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before + ", *a" +
            before + "]\n";
  }
  Outcome many;
  load_text(many, bomb);
  EXPECT_THAT(many.problems, HasSubstr("more than 10,000 values"));
}

}  // namespace
}  // namespace respring::config
