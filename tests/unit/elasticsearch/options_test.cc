#include "elasticsearch/options.h"

#include <gtest/gtest.h>

namespace respring::elasticsearch {
namespace {

TEST(SearchEngineUrl, SaysWhereAndAsWhom) {
  const auto options =
      options_from("elasticsearch+http://anna:p%40ss%3A@search.example:9201/chat_2");
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_EQ(options.value().host, "search.example");
  EXPECT_EQ(options.value().port, 9201);
  EXPECT_EQ(options.value().user, "anna");
  EXPECT_EQ(options.value().password.reveal(), "p@ss:");
  EXPECT_EQ(options.value().name, "chat_2");
  EXPECT_EQ(options.value().str(), "elasticsearch+http://search.example:9201/chat_2")
      << "without the login";
}

TEST(SearchEngineUrl, HasDefaults) {
  const auto options = options_from("opensearch+http://[::1]");
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_EQ(options.value().host, "::1");
  EXPECT_EQ(options.value().port, 9200);
  EXPECT_EQ(options.value().name, "respring-messages");
  EXPECT_TRUE(options.value().user.empty());
}

TEST(SearchEngineUrl, WhatIsWrongIsSaidWithoutRepeatingIt) {
  for (const char* bad :
       {"", "http://h:9200", "elasticsearch://h", "solr+http://h", "elasticsearch+http://",
        "elasticsearch+https://h", "elasticsearch+http://h:0", "elasticsearch+http://h:70000",
        "elasticsearch+http://h:92x", "elasticsearch+http://[::1", "elasticsearch+http://[::1]x",
        "elasticsearch+http://secret%4@h", "elasticsearch+http://:secret@h",
        "elasticsearch+http://h/UPPER", "elasticsearch+http://h/-x", "elasticsearch+http://h/a*",
        "elasticsearch+http://h/a/b", "elasticsearch+http"}) {
    const auto options = options_from(bad);
    ASSERT_FALSE(options) << bad;
    EXPECT_EQ(options.error().code, ErrorCode::invalid_request) << bad;
    EXPECT_EQ(options.error().detail.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace respring::elasticsearch
