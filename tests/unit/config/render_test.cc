#include "config/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/sample.h"

namespace respring::config {
namespace {

using testing::HasSubstr;

TEST(Render, TheDefaultsLoadAndChangeNothing) {
  Sample sample;
  Registry registry;
  declare(registry, sample);
  const std::string yaml = render_defaults(registry);
  Outcome nothing;
  Outcome defaults;
  load_text(nothing, "");
  load_text(defaults, yaml);
  ASSERT_TRUE(defaults.loaded) << defaults.problems << yaml;
  ASSERT_EQ(defaults.loaded->values.size(), nothing.loaded->values.size());
  for (const Effective& value : nothing.loaded->values) {
    EXPECT_EQ(defaults.loaded->find(value.key)->text, value.text) << value.key;
  }
  EXPECT_EQ(defaults.loaded->find("listen")->origin.layer, Layer::file);
}

TEST(Render, EveryKeyStandsInTheDocsAndTheVariables) {
  Sample sample;
  Registry registry;
  declare(registry, sample);
  const std::string docs = render_docs(registry);
  const std::string variables = render_environment(registry);
  for (const Field& field : registry.fields()) {
    EXPECT_THAT(docs, HasSubstr("`" + field.key + "`"));
    if (field.type == Type::structs) continue;
    EXPECT_THAT(variables, HasSubstr(variable_of(field.key) + "="));
  }
  EXPECT_THAT(docs, HasSubstr("`stores.shards[].password_file`"));
  EXPECT_THAT(variables, HasSubstr("RESPRING_STORES__SHARDS__N__DSN="));
}

TEST(Render, AnExplanationSaysOriginBoundsAndReload) {
  Outcome out;
  load_text(out, "http: {header_timeout: 5s}\n", {{"RESPRING_HTTP__HEADER_TIMEOUT", "7s"}});
  ASSERT_TRUE(out.loaded) << out.problems;
  const std::string text = render_explanation(*out.loaded->find("http.header_timeout"));
  EXPECT_THAT(text, HasSubstr("http.header_timeout = 7s"));
  EXPECT_THAT(text, HasSubstr("from      env RESPRING_HTTP__HEADER_TIMEOUT"));
  EXPECT_THAT(text, HasSubstr("default: 10s"));
  EXPECT_THAT(text, HasSubstr("duration, 100ms to 1m"));
  EXPECT_THAT(text, HasSubstr("no, needs a restart"));
}

}  // namespace
}  // namespace respring::config
