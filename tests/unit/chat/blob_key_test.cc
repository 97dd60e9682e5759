#include "chat/blob_key.h"

#include <string>

#include <gtest/gtest.h>

namespace respring::chat {
namespace {

TEST(BlobKey, IsPathLike) {
  for (const char* key : {"a", "a/b", "room-1/0000_9.jsonl.zst", "a.b/c-d"})
    EXPECT_TRUE(check_blob_key(key)) << key;
  EXPECT_TRUE(check_blob_key(std::string(200, 'a')));
}

TEST(BlobKey, RefusesWhatAFolderOrAnAddressWouldReadOtherwise) {
  for (const char* key : {"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a..b",
                          ".a", "a/.b", "A", "a b", "a?b", "a%2fb", "a\\b", "가"})
    EXPECT_FALSE(check_blob_key(key)) << key;
  EXPECT_FALSE(check_blob_key(std::string("a\0b", 3)));
  EXPECT_FALSE(check_blob_key(std::string(201, 'a')));
}

TEST(BlobKey, APrefixMayEndAnywhere) {
  for (const char* prefix : {"", "a", "a/", "a/b", "a."}) EXPECT_TRUE(check_blob_prefix(prefix));
  for (const char* prefix : {"A", "a b", "a?", "a&b"}) EXPECT_FALSE(check_blob_prefix(prefix));
  EXPECT_FALSE(check_blob_prefix(std::string(201, 'a')));
}

}  // namespace
}  // namespace respring::chat
