#include "s3/options.h"

#include <gtest/gtest.h>

namespace respring::s3 {
namespace {

TEST(S3Options, ReadsEveryPart) {
  const auto all =
      options_from("s3://chat-blobs/site/a?endpoint=http://127.0.0.1:8333/&region=eu-north-1")
          .value();
  EXPECT_EQ(all.bucket, "chat-blobs");
  EXPECT_EQ(all.prefix, "site/a/");
  EXPECT_EQ(all.region, "eu-north-1");
  EXPECT_EQ(all.bucket_url(), "http://127.0.0.1:8333/chat-blobs");
  EXPECT_EQ(options_from("s3://abc?endpoint=https%3A%2F%2Fs3.example%3A9000").value().endpoint,
            "https://s3.example:9000");
}

TEST(S3Options, WithoutAnEndpointItIsAmazons) {
  EXPECT_EQ(options_from("s3://chat").value().bucket_url(),
            "https://chat.s3.us-east-1.amazonaws.com");
  const auto there = options_from("s3://chat/?region=ap-northeast-2").value();
  EXPECT_EQ(there.bucket_url(), "https://chat.s3.ap-northeast-2.amazonaws.com");
  EXPECT_EQ(there.prefix, "");
}

TEST(S3Options, RefusesWhatIsWrong) {
  for (const char* url : {"",
                          "s3:",
                          "s3://",
                          "s3://ab",
                          "s3://Chat",
                          "s3://chat_",
                          "s3://-chat",
                          "s3://chat-",
                          "http://chat",
                          "s3://chat//a",
                          "s3://chat/A",
                          "s3://chat/../a",
                          "s3://chat?region=",
                          "s3://chat?region=EU",
                          "s3://chat?endpoint=",
                          "s3://chat?endpoint=ftp://h",
                          "s3://chat?endpoint=http://",
                          "s3://chat?endpoint=http://h/path",
                          "s3://chat?endpoint=127.0.0.1:8333",
                          "s3://a.dot"}) {
    const auto refused = options_from(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_GT(refused.error().detail.size(), 20U);
  }
  EXPECT_TRUE(options_from("s3://a.dot?endpoint=https://s3.eu-north-1.amazonaws.com"));
}

TEST(S3Options, AnUnknownParameterIsToldWithTheNearest) {
  const auto refused = options_from("s3://chat?regoin=eu-north-1");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("regoin is not known; region is"), std::string::npos)
      << refused.error().detail;
}

TEST(S3Options, KeysInTheAddressAreRefusedAndNotRepeated) {
  for (const char* url : {"s3://AKIA:hunter2@chat", "s3://chat?endpoint=http://AKIA:hunter2@h",
                          "s3://chat?endpoint=http://AKIA:hunter2%40h"}) {
    const auto refused = options_from(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_NE(refused.error().detail.find("blobs_secret_key_file"), std::string::npos);
    EXPECT_EQ(refused.error().detail.find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace respring::s3
