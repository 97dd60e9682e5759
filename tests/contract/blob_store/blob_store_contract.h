#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "chat/ports/blob_store.h"

/// What every blob store must do.
namespace respring::testing {

struct BlobStoreMaker {
  std::string name;
  std::function<std::unique_ptr<chat::BlobStore>()> make;  ///< an empty one
};

class BlobStoreContract : public ::testing::TestWithParam<BlobStoreMaker> {
 protected:
  std::unique_ptr<chat::BlobStore> store_ = GetParam().make();
};

using Keys = std::vector<std::string>;

TEST_P(BlobStoreContract, GivesBackTheBytes) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes.push_back(static_cast<char>(i * 31));
  ASSERT_TRUE(store_->put("files/a-1_b.bin", bytes));
  EXPECT_EQ(store_->get("files/a-1_b.bin").value(), bytes);
  ASSERT_TRUE(store_->put("files/a-1_b.bin", "shorter"));
  EXPECT_EQ(store_->get("files/a-1_b.bin").value(), "shorter");
  ASSERT_TRUE(store_->put("empty", ""));
  EXPECT_EQ(store_->get("empty").value(), "");
}

TEST_P(BlobStoreContract, WhatIsNotThereIsNotFound) {
  ASSERT_TRUE(store_->put("a/b", "1"));
  for (const char* key : {"x", "a", "a/c", "a/b/c"}) {
    const auto result = store_->get(key);
    ASSERT_FALSE(result) << key;
    EXPECT_EQ(result.error().code, ErrorCode::not_found) << key;
  }
}

TEST_P(BlobStoreContract, RemovedIsGoneAndMayBeRemovedAgain) {
  ASSERT_TRUE(store_->put("a", "1"));
  ASSERT_TRUE(store_->remove("a"));
  ASSERT_TRUE(store_->remove("a"));
  ASSERT_TRUE(store_->remove("never/there"));
  EXPECT_FALSE(store_->get("a"));
}

TEST_P(BlobStoreContract, ListsByPrefixInOrder) {
  for (const char* key : {"b/2", "a/1", "b/1", "b/10", "b/x/y", "c"})
    ASSERT_TRUE(store_->put(key, "1"));
  EXPECT_EQ(store_->list("b/").value(), (Keys{"b/1", "b/10", "b/2", "b/x/y"}));
  EXPECT_EQ(store_->list("b/1").value(), (Keys{"b/1", "b/10"}));
  EXPECT_EQ(store_->list("").value().size(), 6U);
  EXPECT_EQ(store_->list("zzz").value(), Keys{});
}

TEST_P(BlobStoreContract, RefusesBadKeys) {
  const std::string long_key(201, 'a');
  for (const auto& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string("../a"), std::string("a/../b"), std::string("a/.."), std::string("A"),
        std::string("a b"), std::string("가"), std::string("a\0b", 3), std::string(".hidden"),
        std::string("a..b"), long_key}) {
    for (const auto code :
         {store_->put(key, "1").has_value() ? ErrorCode::internal : ErrorCode::invalid_request,
          store_->get(key).has_value() ? ErrorCode::internal : store_->get(key).error().code,
          store_->remove(key).has_value() ? ErrorCode::internal : store_->remove(key).error().code})
      EXPECT_EQ(code, ErrorCode::invalid_request) << key;
  }
  EXPECT_TRUE(store_->put(std::string(200, 'a'), "1"));
}

TEST_P(BlobStoreContract, AReaderSeesTheOldOrTheNewValueNeverAMixture) {
  const std::string old_value(50'000, 'o');
  const std::string new_value(80'000, 'n');
  ASSERT_TRUE(store_->put("a", old_value));
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(store_->put("a", i % 2 == 0 ? new_value : old_value));
  });
  for (int i = 0; i < 200; ++i) {
    const auto value = store_->get("a");
    ASSERT_TRUE(value);
    EXPECT_TRUE(value.value() == old_value || value.value() == new_value);
  }
  writer.join();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BlobStoreContract);

}  // namespace respring::testing
