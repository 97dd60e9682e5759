#include "respring/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/json.h"
#include "respring/explanations.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
};
Ran ran(std::vector<std::string> words) {
  std::ostringstream out;
  std::ostringstream err;
  const Exit exit = run(std::move(words), out, err);
  return {exit, out.str(), err.str()};
}

class App : public testing::Test {
 protected:
  App() { setenv("LC_ALL", "C", 1); }
};

TEST_F(App, AloneItHelpsANewcomer) {
  const Ran r = ran({});
  EXPECT_EQ(r.exit, Exit::ok);
  EXPECT_THAT(r.out, HasSubstr("All commands: respring --help"));
  EXPECT_EQ(r.err, "");
}

TEST_F(App, EveryVerbHasHelpInBothLanguages) {
  for (const Verb& verb : verbs()) {
    const Ran english = ran({std::string(verb.name), "--help"});
    EXPECT_EQ(english.exit, Exit::ok);
    EXPECT_THAT(english.out, StartsWith("respring " + std::string(verb.name) + ": "));
    EXPECT_THAT(english.out, HasSubstr(std::string(verb.summary.en)));
    EXPECT_THAT(ran({std::string(verb.name), "--help", "--lang", "ko"}).out,
                HasSubstr(std::string(verb.summary.ko)));
  }
}

TEST_F(App, TyposGetASuggestion) {
  EXPECT_THAT(ran({"confg"}).err, HasSubstr("unknown command 'confg'; did you mean 'config'?"));
  EXPECT_THAT(ran({"config", "expalin"}).err, HasSubstr("did you mean 'explain'?"));
  EXPECT_THAT(ran({"version", "--jsno"}).err,
              HasSubstr("unknown option '--jsno'; did you mean '--json'?"));
  EXPECT_THAT(ran({"version", "now"}).err, HasSubstr("'now' is one word too many"));
  for (const auto& words : std::vector<std::vector<std::string>>{{"confg"},
                                                                 {"config"},
                                                                 {"version", "--nope"},
                                                                 {"version", "-o", "xml"},
                                                                 {"version", "--set", "x"}}) {
    const Ran r = ran(words);
    EXPECT_EQ(r.exit, Exit::usage);
    EXPECT_EQ(r.out, "");
  }
}

TEST_F(App, ErrorsAreJsonWhenJsonWasAsked) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"confg", "--json"},
                                             {"-o", "json", "confg"},
                                             {"config", "explain", "listn", "--json"}}) {
    const Ran r = ran(words);
    EXPECT_EQ(r.exit, Exit::usage);
    const auto value = json::parse(r.err);
    ASSERT_TRUE(value.has_value()) << r.err;
    EXPECT_EQ(value.value().int_or("schema_version"), kSchemaVersion);
    EXPECT_EQ(value.value().find("error")->int_or("exit"), 64);
  }
}

TEST_F(App, CommonOptionsMayStandAnywhere) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--json", "version"},
                                                                 {"version", "--json"},
                                                                 {"version", "-o", "json"},
                                                                 {"-ojson", "version"}}) {
    const Ran r = ran(words);
    ASSERT_EQ(r.exit, Exit::ok) << r.err;
    const auto value = json::parse(r.out);
    ASSERT_TRUE(value.has_value()) << r.out;
    EXPECT_NE(value.value().string_or("version"), "");
  }
}

TEST_F(App, AWordThatNamesACommandMayBeAnArgument) {
  EXPECT_THAT(ran({"help", "version"}).out, StartsWith("respring version: "));
  EXPECT_THAT(ran({"config", "explain", "search"}).out, StartsWith("search = local"));
}

TEST_F(App, AWrongConfigurationEndsWith78) {
  const Ran r = ran({"config", "check", "--set", "listn=:80", "--set", "io_threads=-1"});
  EXPECT_EQ(r.exit, Exit::configuration);
  EXPECT_THAT(r.err, HasSubstr("did you mean 'listen'?"));
  EXPECT_THAT(r.err, HasSubstr("io_threads: '-1' is below 0"));
  EXPECT_EQ(r.out, "");
}

TEST_F(App, ExplainSaysWhatAFlagOverrides) {
  const Ran r = ran({"config", "explain", "limits.sends_per_user", "--set",
                     "limits.sends_per_user=5/s", "--json"});
  ASSERT_EQ(r.exit, Exit::ok) << r.err;
  const auto value = json::parse(r.out);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value.value().string_or("value"), "5/s");
  EXPECT_EQ(value.value().find("origin")->string_or("layer"), "flag");
  EXPECT_EQ(value.value().find("overrides")->as_array()->front().string_or("value"),
            "20/s burst 60");
}

TEST_F(App, EveryErrorCodeIsExplained) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::upstream_unavailable); ++i) {
    const std::string name(name_of(static_cast<ErrorCode>(i)));
    const Ran r = ran({"help", name});
    EXPECT_EQ(r.exit, Exit::ok) << name;
    EXPECT_THAT(r.out, StartsWith(name + " (HTTP "));
  }
  EXPECT_THAT(ran({"help", "overlaoded"}).err, HasSubstr("did you mean 'overloaded'?"));
  EXPECT_THAT(ran({"help", "4"}).out, HasSubstr("refused by a safety check"));
}

TEST_F(App, CompletionKnowsEveryCommandAndOption) {
  CommonWords words;
  const auto root = command_line(words);
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Ran r = ran({"completion", shell});
    EXPECT_EQ(r.exit, Exit::ok);
    for (const auto& command : root->commands()) EXPECT_THAT(r.out, HasSubstr(command->name()));
    EXPECT_THAT(r.out, HasSubstr("output"));
  }
}

}  // namespace
}  // namespace respring::cmd
