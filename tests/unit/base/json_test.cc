#include "base/json.h"
#include "base/fields.h"

#include <gtest/gtest.h>

namespace respring::json {
namespace {

TEST(Json, ReadsAndWritesTheSameText) {
  const std::string text = R"({"a":[1,-2.5,true,null,"봄\n\"\\"],"b":{}})";
  const auto value = parse(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(dump(value.value()), text);
}

TEST(Json, RefusesWhatIsNotStrict) {
  for (const std::string text :
       {"", "{", "[1,]", "{\"a\":1} x", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "\"\xC3\x28\"",
        "\"\\u0000\"", "nan", "1e999", "{\"a\\u0000\":1}", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_TRUE(parse("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"));
}

TEST(Fields, NamesUnknownMissingAndWronglyTypedFields) {
  const Value body = parse(R"({"name":"봄","age":"x","typo":1})").value();
  Fields fields(body);
  EXPECT_EQ(fields.text("name"), "봄");
  EXPECT_FALSE(fields.integer("age"));
  const auto unknown = fields.done();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::unknown_field);
  EXPECT_EQ(unknown.error().fields, (std::vector<FieldError>{{"typo", "unknown"}}));
  fields.any("typo");
  fields.text("handle");
  EXPECT_EQ(fields.done().error().fields,
            (std::vector<FieldError>{{"age", "wrong_type"}, {"handle", "required"}}));
}

}  // namespace
}  // namespace respring::json
