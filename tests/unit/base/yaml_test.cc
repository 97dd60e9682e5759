#include "base/yaml.h"

#include <gtest/gtest.h>

namespace respring {
namespace {

TEST(Yaml, WhatCouldBeMistakenIsQuoted) {
  const json::Value value =
      json::Object{{"plain", "two words"},
                   {"number", "12"},
                   {"truth", "no"},
                   {"list", json::Array{1, "a: b", json::Object{{"x", 1}, {"y", json::Array{}}}}},
                   {"nothing", nullptr},
                   {"empty", json::Object{}},
                   {"lines", "a\n\n  b\n"},
                   {"unended", "a\nb"},
                   {"tabs", "a\n\tb"}};
  EXPECT_EQ(to_yaml(value),
            "plain: two words\n"
            "number: \"12\"\n"
            "truth: \"no\"\n"
            "list:\n"
            "  - 1\n"
            "  - \"a: b\"\n"
            "  - x: 1\n"
            "    \"y\": []\n"
            "nothing: null\n"
            "empty: {}\n"
            "lines: |\n"
            "  a\n"
            "\n"
            "    b\n"
            "unended: |-\n"
            "  a\n"
            "  b\n"
            "tabs: \"a\\n\\tb\"\n");
}

}  // namespace
}  // namespace respring
