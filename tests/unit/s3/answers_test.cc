#include "s3/answers.h"

#include <gtest/gtest.h>

namespace respring::s3 {
namespace {

using Keys = std::vector<std::string>;

TEST(S3Answers, ReadsAPage) {
  const auto page = list_page(R"(<?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>chat</Name>
    <Contents><Key>a/1</Key><Size>3</Size></Contents><Contents><Key>a&amp;b</Key></Contents>
    <CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>
    <IsTruncated>true</IsTruncated><NextContinuationToken>x+/=</NextContinuationToken>
    </ListBucketResult>)");
  ASSERT_TRUE(page);
  EXPECT_EQ(page.value().keys, (Keys{"a/1", "a&b"}));
  EXPECT_EQ(page.value().next, "x+/=");
}

TEST(S3Answers, TheLastPageNamesNoOther) {
  const auto page = list_page(
      "<ListBucketResult><IsTruncated>false</IsTruncated>"
      "<NextContinuationToken>old</NextContinuationToken></ListBucketResult>");
  ASSERT_TRUE(page);
  EXPECT_EQ(page.value().keys, Keys{});
  EXPECT_EQ(page.value().next, "");
}

TEST(S3Answers, WhatIsNoPageIsNotAnEmptyOne) {
  for (const char* text : {"", "hello", "<html><body>Login</body></html>", "<ListBucketResult>",
                           "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
                           "<Error><Code>NoSuchBucket</Code></Error>"}) {
    const auto refused = list_page(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::upstream_unavailable);
  }
}

TEST(S3Answers, DeepXmlIsRefused) {
  std::string deep = "<ListBucketResult>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(list_page(deep));
}

TEST(S3Answers, TheCodeOfARefusalIsAWord) {
  EXPECT_EQ(refusal_code("<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"),
            "NoSuchKey");
  for (const char* text : {"", "<html/>", "<Error/>", "<Error><Code>a b</Code></Error>",
                           "<Error><Code>say \"x\"</Code></Error>"})
    EXPECT_EQ(refusal_code(text), "") << text;
}

}  // namespace
}  // namespace respring::s3
